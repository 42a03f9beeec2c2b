import type { Log } from '../log.ts';
import { postgresTrouble } from '../store/postgres/errors.ts';
import type { Lease } from '../store/postgres/lease.ts';
import { sleep, systemClock } from '../time/clock.ts';
import type { Ending } from './options.ts';
import type { RunningUnit } from './start-unit.ts';

/** Time for a send in flight to end when a unit is handed over, ms. */
const HAND_OVER_MS = 1_000;
/** The same without the lease, since the outcome may not be stored any more. */
const NO_GRACE_MS = 0;
/** Time until a unit that could not start is taken again, ms. */
const AGAIN_MS = 5_000;
/** A right is missing: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const FORBIDDEN = '42501';

export interface HeldUnitParts {
  readonly lease: Lease;
  /** Starts the app of the unit under the lease. */
  readonly start: (lease: Lease) => Promise<RunningUnit>;
  /** Called when the app works. */
  readonly onStarted: () => void;
  /** Called if the process cannot continue. */
  readonly onEnding: (ending: Ending) => void;
  readonly log: Log;
}

/** A unit whose lease is here: its app starts, works, or stops. */
export class HeldUnit {
  /** When its lease was taken, by the monotonic clock, ms. */
  readonly since = performance.now();
  /** Resolves when nothing of it runs any more; rejects if it cannot be started. */
  readonly ended: Promise<void>;
  readonly #parts: HeldUnitParts;
  readonly #giving = Promise.withResolvers<'given'>();
  #unit: RunningUnit | null = null;
  #graceMs = HAND_OVER_MS;

  constructor(parts: HeldUnitParts) {
    this.#parts = parts;
    this.ended = this.#run();
  }

  /** Null while it starts. */
  get unit(): RunningUnit | null {
    return this.#unit;
  }

  /** Stops its app, soon after sends in flight, and gives the lease to another process. */
  handOver(): void {
    this.#giving.resolve('given');
  }

  /** The same, after at most `graceMs` for sends in flight. Resolves when it has ended. */
  async stop(graceMs: number): Promise<void> {
    this.#graceMs = graceMs;
    this.handOver();
    await this.ended.catch(() => {});
  }

  /** Runs the app until the lease is lost or given away. */
  async #run(): Promise<void> {
    const { lease, onStarted, onEnding, log } = this.#parts;
    const unit = await this.#start();
    if (unit === null) return;
    lease.tell(unit.facts);
    this.#unit = unit;
    onStarted();
    const given = this.#giving.promise;
    const end = await Promise.race([given, lease.lost.then(() => 'lost' as const), unit.ending]);
    if (end === 'given') return unit.stop(this.#graceMs);
    if (end === 'lost') {
      log.error(
        { unit: lease.unit, epoch: lease.epoch },
        `the lease of ${lease.unit} is lost: this process stops its work on it`,
      );
      return unit.stop(NO_GRACE_MS);
    }
    onEnding(end);
    // It is stopped with the process.
    await given;
    await unit.stop(this.#graceMs);
  }

  /**
   * Returns null if the database was in trouble while the app started, or another process took the unit over: after a while, in which
   * it counts as held here, so that this process does not take it again before another one that may be in a better state.
   */
  async #start(): Promise<RunningUnit | null> {
    const { lease, start, log } = this.#parts;
    try {
      return await start(lease);
    } catch (err) {
      if (!mayPass(err)) throw err;
      log.error(
        { unit: lease.unit, err },
        `${lease.unit} could not start: another process takes it, or this one in ${AGAIN_MS / 1_000} s`,
      );
      await lease.release();
      const given = new AbortController();
      void this.#giving.promise.then(() => given.abort());
      await sleep(systemClock, AGAIN_MS, given.signal);
      return null;
    }
  }
}

/** Returns true if the same may go well later, or on another machine, without a change by a person. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const trouble = postgresTrouble(error);
  const isForPeople = trouble === 'refused' || (error as { readonly code?: unknown }).code === FORBIDDEN;
  return (trouble !== null && !isForPeople) || mayPass(error.cause);
}
