import { sql } from 'kysely';
import type { Log } from '../../log.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import { formatDuration } from '../../time/duration.ts';
import { steadyClock } from '../../time/steady-clock.ts';
import { unlessStopped } from '../../time/until-aborted.ts';
import { logFailure } from '../log-failure.ts';
import { isPostgres } from '../migrations/migration.ts';
import type { Database } from '../tables.ts';
import { newestInstant, readClockRow, writeClockRow } from './clock-row.ts';
import { type Resumed, type SavedClock, storeTime } from './store-time.ts';

/** Shortest time between two saves, ms; they come with other writes, so an idle Lookout writes nothing. */
const SAVE_EVERY_MS = 60_000;
/** Time between two saves if other processes go by them, ms. */
const SAVE_FOLLOWED_EVERY_MS = 5_000;

export interface StoreClockOptions {
  readonly db: Database;
  /** The clock of the machine, or of the server on which the store is. */
  readonly clock: Clock;
}

export interface KeepOptions extends StoreClockOptions {
  /** True: other processes go by what is saved. */
  readonly isFollowed: boolean;
  readonly log: Log;
}

/** The clock of a store, which goes on over restarts. */
export interface StoreClock {
  readonly clock: Clock;
  /** Saves it for the last time, unless `now` is aborted before that is done. Never rejects. */
  stop(now: AbortSignal): Promise<void>;
}

/** Returns the clock of a store, for a process that only looks at it. */
export async function readStoreClock({ db, clock }: StoreClockOptions): Promise<Clock> {
  return steadyClock(clock, await resume({ db, clock }));
}

/** Returns the clock of a store by the server on which the store is, or by the machine. The process only looks at the store. */
export async function lookAtStoreClock(options: StoreClockOptions): Promise<Clock> {
  const { db, clock } = options;
  if (!isPostgres(db)) return readStoreClock(options);
  const { rows } = await sql<{
    now: number;
  }>`select cast(extract(epoch from clock_timestamp()) * 1000 as bigint) as now`.execute(db);
  const aheadMs = Number(rows[0]?.now) - clock.wall();
  return readStoreClock({ db, clock: { ...clock, wall: () => clock.wall() + aheadMs, boot: () => null } });
}

/** Returns the store's time now. The clocks are read after the rows, so that the time of the queries counts. */
export async function resume({ db, clock }: StoreClockOptions): Promise<Resumed> {
  const [saved, floor] = [await readClockRow(db), await newestInstant(db)];
  return storeTime(saved, { wallAt: clock.wall(), boot: clock.boot() }, floor);
}

/** Resumes the clock of a store, and saves it from time to time, for the process that works on the store. */
export async function keepStoreClock(options: KeepOptions): Promise<StoreClock> {
  const { db, clock: machine, log } = options;
  const saveEveryMs = options.isFollowed ? SAVE_FOLLOWED_EVERY_MS : SAVE_EVERY_MS;
  const begin = await resume(options);
  const stopping = new AbortController();
  let isStale = false;
  /** Number of rows that this connection had changed after the last save. */
  let changes: number | null = null;
  const clock = steadyClock(machine, begin, (stepMs) => {
    isStale = true;
    const way = stepMs > 0 ? 'forward' : 'back';
    log.warn(
      { stepMs },
      `the clock was set ${way} by ${formatDuration(Math.abs(stepMs))}: everything that waits keeps its delay`,
    );
  });

  function instant(): SavedClock {
    const sureSince = Math.max(0, clock.sureSince());
    return { storeAt: clock.now(), wallAt: machine.wall(), boot: machine.boot(), sureSince };
  }

  async function save(): Promise<void> {
    await writeClockRow(db, instant());
    isStale = false;
    changes = await changesOf(db);
  }

  async function keep(): Promise<void> {
    for (;;) {
      await sleep(clock, saveEveryMs, stopping.signal);
      if (stopping.signal.aborted) return;
      clock.sureSince();
      try {
        if (isStale || changes === null || (await changesOf(db)) !== changes) await save();
      } catch (err) {
        logFailure(log, err, {}, `could not save the store's clock; retrying in ${saveEveryMs / 1_000} s`);
      }
    }
  }

  await save();
  const keeping = keep();
  return {
    clock,
    async stop(now) {
      stopping.abort();
      const last = keeping.then(save).catch((err) => logFailure(log, err, {}, "could not save the store's clock"));
      await unlessStopped(last, now, undefined);
    },
  };
}

/** Returns the number of rows that this connection has changed; null: unknown. https://www.sqlite.org/lang_corefunc.html#total_changes */
async function changesOf(db: Database): Promise<number | null> {
  if (isPostgres(db)) return null;
  const { rows } = await sql<{ n: number }>`select total_changes() as n`.execute(db);
  return rows[0]?.n ?? null;
}
