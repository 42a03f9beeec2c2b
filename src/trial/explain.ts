import type { Platform } from '../adapters/platform.ts';
import type { Config } from '../config/config.ts';
import type { Input } from '../inputs/input.ts';
import { silentLog } from '../log.ts';
import type { Commanded } from './commanded.ts';
import { Explainer } from './explainer.ts';
import type { ExplainedEvent } from './explanation.ts';
import type { RecordedMessage } from './read-event.ts';
import { startTrial, type TrialOptions } from './trial.ts';
import { createVirtualClock } from './virtual-clock.ts';

export interface ExplainOptions {
  readonly config: Config;
  readonly platforms: readonly Platform[];
  readonly inputs: readonly Input[];
  readonly commanded: Commanded | null;
  readonly version: string;
  /** The time of events that do not say when they came, Unix milliseconds. */
  readonly now: number;
  /** Called with each request that would change a room, in order. */
  readonly onSend: TrialOptions['onSend'];
}

/** Plays events through a configuration, and yields what became of each, oldest first. */
export async function* explain(
  events: AsyncIterable<RecordedMessage>,
  options: ExplainOptions,
): AsyncGenerator<ExplainedEvent> {
  let explainer: Explainer | null = null;
  let stop = async () => {};
  try {
    for await (const event of events) {
      if (explainer === null) {
        const clock = createVirtualClock(event.at ?? options.now);
        const format: TrialOptions['format'] = (message) => JSON.stringify(message);
        const trial = await startTrial({ ...options, clock, log: silentLog, format });
        stop = () => clock.passWhile(trial.app.stop(0));
        explainer = new Explainer(trial, clock);
      }
      yield* await explainer.take(event);
    }
    if (explainer !== null) yield* await explainer.finish();
  } finally {
    await stop();
  }
}
