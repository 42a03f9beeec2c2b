import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { Log } from '../../log.ts';
import { type Condition, compileCondition } from '../../router/condition.ts';
import { aboutSubject, subjectModelOf } from '../../router/subject-model.ts';
import type { Database } from '../../store/tables.ts';
import { readSubject } from '../../subject-rows/read-subject.ts';
import type { Clock } from '../../time/clock.ts';
import type { Event } from '../../words.ts';
import type { DueDelivery } from '../rows/due-deliveries.ts';

/** Most conditions that are kept compiled. */
const mostKept = 200;

/**
 * Makes the check of held deliveries. It returns why a delivery needs no message: its condition over the subject is true by now.
 * Null if it needs one, or if the condition cannot be evaluated.
 */
export function createHoldCheck({
  db,
  catalogue,
  clock,
  log,
  onFailed,
}: {
  readonly db: Database;
  readonly catalogue: Pick<Catalogue, 'ofRole'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when a condition could not be evaluated. */
  readonly onFailed: () => void;
}): (delivery: DueDelivery, event: () => Promise<Event>) => Promise<string | null> {
  const model = subjectModelOf(catalogue);
  const compiled = new Map<string, Condition | null>();

  function conditionOf(source: string): Condition | null {
    const known = compiled.get(source);
    if (known !== undefined) return known;
    if (compiled.size >= mostKept) compiled.clear();
    const result = compileCondition(source, [model], 'subject');
    const condition = result.outcome === 'ok' ? result.condition : null;
    if (condition === null)
      log.error({ unless: source }, `the condition ${source} of a hold is not understood: nothing is cancelled by it`);
    compiled.set(source, condition);
    return condition;
  }

  return async ({ subject, options: { holdMs, unless: source }, subscription }, event) => {
    if (holdMs === null || source === null) return null;
    const condition = conditionOf(source);
    if (condition === null) return null;
    const object = await readSubject(db, { subject }, clock.wall());
    if (object === null) return null;
    const verdict = condition.evaluate(aboutSubject(await event(), object));
    if (verdict.outcome === 'failed') {
      onFailed();
      log.warn(
        { subscription, subject, reason: verdict.reason },
        `the condition of a hold failed on ${subject} and counts as not matched: ${verdict.reason}`,
      );
    }
    return verdict.outcome === 'value' && verdict.value ? `held, and cancelled since ${source}` : null;
  };
}
