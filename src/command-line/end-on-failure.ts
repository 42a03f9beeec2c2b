import type { Log } from '../log.ts';
import { type Clock, sleep } from '../time/clock.ts';
import type { ExitCode } from './terminal.ts';

/** The longest wait for the output to be taken, ms. */
const flushMs = 1_000;

interface FailureParts {
  readonly log: Log;
  readonly clock: Clock;
  readonly flushed: () => Promise<void>;
  readonly exitNow: (code: ExitCode) => void;
}

/**
 * Returns a callback for a failure that no part has caught: it says so, and ends the process. A library whose memory is broken
 * does not get well by itself, and a supervisor starts Lookout again.
 */
export function endOnFailure({ log, clock, flushed, exitNow }: FailureParts): (err: unknown) => void {
  return (err) => {
    // WebAssembly throws it when a library written in Rust panics.
    const cause =
      err instanceof Error && err.name === 'RuntimeError'
        ? 'the encryption library failed in itself'
        : 'a failure that no part of Lookout has caught';
    log.error({ err }, `${cause}: ending. Stored data is intact, and the next start goes on with it`);
    void Promise.race([flushed(), sleep(clock, flushMs)]).finally(() => exitNow(1));
  };
}
