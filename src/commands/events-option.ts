import type { Catalogue } from '../catalogue/catalogue.ts';
import { type EventSpec, parseEventSpec, type TextProblem } from '../catalogue/event-spec.ts';
import type { Block } from '../render/message.ts';
import { code, lines, paragraph } from '../render/say.ts';
import { type Condition, compileCondition } from '../router/condition.ts';
import { modelsOf } from '../router/spec-models.ts';
import { type Refused, refused } from './command.ts';

/** The events and the condition that a person wrote, read. */
export interface Filter {
  readonly outcome: 'ok';
  readonly events: EventSpec;
  readonly where: string | null;
  /** The same, compiled. */
  readonly condition: Condition | null;
  readonly doubts: readonly Block[];
}

/** Reads `events` and `where` as the configuration does; each mistake is shown where it stands. */
export function readFilter(catalogue: Catalogue, events: string, where: string | undefined): Filter | Refused {
  const spec = parseEventSpec(events, catalogue);
  if (spec.outcome === 'problems') return refused(...spec.problems.flatMap((problem) => pointAt(events, problem)));
  if (where === undefined) return { outcome: 'ok', events: spec.spec, where: null, condition: null, doubts: [] };
  const models = modelsOf(spec.spec, catalogue);
  const compiled = compileCondition(where, models);
  if (compiled.outcome === 'problems')
    return refused(...compiled.problems.flatMap((problem) => pointAt(where, problem)));
  const doubts = compiled.doubts.flatMap((doubt) => pointAt(where, doubt));
  return { outcome: 'ok', events: spec.spec, where, condition: compiled.condition, doubts };
}

/** Length of the text that is shown on either side of a mistake, in UTF-16 units. */
const around = 40;

/** A problem in words, and below it the text with the place marked. */
function pointAt(text: string, { offset, length, wrong, right }: TextProblem): readonly Block[] {
  const from = Math.max(0, offset - around);
  const before = `${from > 0 ? '…' : ''}${text.slice(from, offset)}`;
  const rest = text.slice(offset, offset + around);
  const line = oneLine(`${before}${rest}${offset + around < text.length ? '…' : ''}`);
  const marks = '^'.repeat(Math.max(1, Math.min(length, rest.length)));
  return [paragraph(wrong, ': ', right), lines(`${line}\n${' '.repeat([...oneLine(before)].length)}${marks}`)];
}

/** Line breaks and tabs would move what stands below. */
const oneLine = (text: string) => text.replaceAll(/\s/g, ' ');

/** A subscription's filter as one would write it. */
export function filterText(events: string, where: string | null): readonly (string | ReturnType<typeof code>)[] {
  return where === null ? [code(events)] : [code(events), ' where ', code(where)];
}
