import type { Log } from '../log.ts';
import type { Clock } from '../time/clock.ts';

/** Time over its limit after which a part is named in the log, ms. The process ends a second after the grace period. */
const SLOW_MS = 300;

/** The stops of the parts that were started, by name. */
export interface Lifecycle {
  /** Aborted when the grace period of a stop is over: nothing may wait any longer. */
  readonly hurry: AbortSignal;
  /** Registers the end of a part. Stops run one by one, last in first out, after all drains. */
  onStop(name: string, stop: () => unknown): void;
  /**
   * Registers what a part must finish at a stop. Drains begin together, because one may wait for another (a fetch for
   * the pipeline, the pipeline for the store), and share the grace period: `now` is aborted when it is over.
   */
  onDrain(name: string, drain: (now: AbortSignal) => unknown): void;
  /** Drains for at most `graceMs`, then stops everything. A part that fails is logged, and the next one is stopped. */
  stop(graceMs: number): Promise<void>;
}

/** Creates the lifecycle of a program that has no parts yet. */
export function createLifecycle({ clock, log }: { readonly clock: Clock; readonly log: Log }): Lifecycle {
  const hurry = new AbortController();
  const drains: { readonly name: string; readonly end: (now: AbortSignal) => unknown }[] = [];
  const stops: { readonly name: string; readonly end: () => unknown }[] = [];

  async function end(name: string, run: () => unknown, mayTakeMs = 0): Promise<void> {
    const cancel = clock.after(mayTakeMs + SLOW_MS, () =>
      log.warn({ part: name }, `still waiting for ${name} to stop`),
    );
    try {
      await run();
    } catch (err) {
      log.error({ part: name, err }, `${name} could not be stopped cleanly; the rest is stopped`);
    } finally {
      cancel();
    }
  }

  return {
    hurry: hurry.signal,
    onStop: (name, stop) => void stops.push({ name, end: stop }),
    onDrain: (name, drain) => void drains.push({ name, end: drain }),
    async stop(graceMs) {
      const cancel = clock.after(graceMs, () => hurry.abort());
      await Promise.all(drains.splice(0).map((drain) => end(drain.name, () => drain.end(hurry.signal), graceMs)));
      cancel();
      hurry.abort();
      for (const stop of stops.splice(0).reverse()) await end(stop.name, stop.end);
    },
  };
}
