import { type Clock, sleep } from '../../time/clock.ts';
import { unlessStopped } from '../../time/until-aborted.ts';

/** Interval between two notes, ms: after a kill a gap begins as much too early. */
const NOTE_EVERY_MS = 15_000;

export interface KeepHeardUntilOptions {
  /** The instant before which all that the source sent reached us, Unix milliseconds; null: it is not known yet. */
  readonly heardUntil: () => number | null;
  /** Resolves when all that reached us is in the store. */
  readonly committed: () => Promise<void>;
  /** Writes down the gaps that are not written yet, then this. Never rejects. */
  readonly note: (at: number) => Promise<'noted' | 'not noted'>;
  readonly clock: Clock;
}

/** Notes a few times a minute how far the source was heard: a gap begins there. */
export interface KeepHeardUntil {
  /** Notes it once more, if all that reached us is committed before the signal is aborted. */
  stop(now: AbortSignal): Promise<void>;
}

/** Looks up the instant first, and then waits for all events until then to be committed: a note never covers events that only memory holds. */
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
