import { type Clock, sleep } from '../../time/clock.ts';
import { unlessStopped } from '../../time/until-aborted.ts';

/** Interval between two notes, ms. After a kill, a gap begins up to this much too early. */
const NOTE_EVERY_MS = 15_000;

export interface KeepHeardUntilOptions {
  /**
   * Returns the instant before which everything that the source sent was received, Unix milliseconds; null: not known
   * yet.
   */
  readonly heardUntil: () => number | null;
  /** Resolves when everything received is in the store. */
  readonly committed: () => Promise<void>;
  /** Stores the gaps that are not stored yet, then this instant. Never rejects. */
  readonly note: (at: number) => Promise<'noted' | 'not noted'>;
  readonly clock: Clock;
}

/** Stores several times a minute until when the source was received, because a gap begins there. */
export interface KeepHeardUntil {
  /** Stores it once more, if everything received is committed before the signal is aborted. */
  stop(now: AbortSignal): Promise<void>;
}

/**
 * Creates the timer. It first reads the instant and then waits until all events before it are committed, so a note
 * never covers events that are only in memory.
 */
export function keepHeardUntil({ heardUntil, committed, note, clock }: KeepHeardUntilOptions): KeepHeardUntil {
  const stopping = new AbortController();
  let noted: number | null = null;

  async function look(signal: AbortSignal): Promise<void> {
    const at = heardUntil();
    if (at === null || at === noted) return;
    await unlessStopped(committed(), signal, undefined);
    if (signal.aborted) return;
    if ((await note(at)) === 'noted') noted = at;
  }

  async function keep(): Promise<void> {
    while (!stopping.signal.aborted) {
      await sleep(clock, NOTE_EVERY_MS, stopping.signal);
      if (!stopping.signal.aborted) await look(stopping.signal);
    }
  }

  const keeping = keep();
  return {
    async stop(now) {
      stopping.abort();
      await keeping;
      await look(now);
    },
  };
}
