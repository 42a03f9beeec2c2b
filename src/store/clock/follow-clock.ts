import type { Log } from '../../log.ts';
import { sleep } from '../../time/clock.ts';
import { steadyClock } from '../../time/steady-clock.ts';
import { unlessStopped } from '../../time/until-aborted.ts';
import { logFailure } from '../log-failure.ts';
import { readClockRow } from './clock-row.ts';
import { resume, type StoreClock, type StoreClockOptions } from './store-clock.ts';

/** Time between two looks at the saved clock, ms: longer than all processes take to notice that the server's clock was set. */
const LOOK_EVERY_MS = 10_000;

/**
 * Resumes the clock of a store for a process that works on a part of it, and catches up with the process that saves the clock. A step
 * counts only if two looks at different saves show it: while the server's clock is set, the two processes notice that one after the
 * other.
 */
export async function followStoreClock(options: StoreClockOptions & { readonly log: Log }): Promise<StoreClock> {
  const { db, clock: machine, log } = options;
  const clock = steadyClock(machine, await resume(options));
  const stopping = new AbortController();
  let last = { savedAt: Number.NaN, behindMs: 0 };

  async function look(): Promise<void> {
    const saved = await readClockRow(db);
    if (saved === null || saved.storeAt === last.savedAt) return;
    const behindMs = saved.storeAt + machine.wall() - saved.wallAt - clock.now();
    const byMs = Math.max(0, Math.min(behindMs, last.behindMs));
    clock.advance(byMs);
    last = { savedAt: saved.storeAt, behindMs: behindMs - byMs };
  }

  async function keep(): Promise<void> {
    for (;;) {
      await sleep(clock, LOOK_EVERY_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      clock.sureSince();
      await look().catch((err: unknown) =>
        logFailure(log, err, {}, `could not read the store's clock; retrying in ${LOOK_EVERY_MS / 1_000} s`),
      );
    }
  }

  const keeping = keep();
  return {
    clock,
    async stop(now) {
      stopping.abort();
      await unlessStopped(keeping, now, undefined);
    },
  };
}
