import type { Log } from '../log.ts';
import { isConnectionLost } from '../store/postgres/errors.ts';
import type { Lease } from '../store/postgres/lease.ts';
import type { Ending } from './options.ts';
import type { Unit } from './start-unit.ts';

/** Time for a send in flight to end when a unit is handed over, ms. */
const HAND_OVER_MS = 1_000;
/** The same without the lease, since the outcome may not be stored any more. */
const NO_GRACE_MS = 0;

export interface HeldUnitParts {
  readonly lease: Lease;
  /** Starts the app of the unit under the lease. */
  readonly start: (lease: Lease) => Promise<Unit>;
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
  #unit: Unit | null = null;
  #graceMs = HAND_OVER_MS;

  constructor(parts: HeldUnitParts) {
    this.#parts = parts;
    this.ended = this.#run();
  }

  /** Null while it starts. */
  get unit(): Unit | null {
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

  /** Returns null if the database went away while the app started, or another process took the unit over. */
  async #start(): Promise<Unit | null> {
    const { lease, start, log } = this.#parts;
    try {
      return await start(lease);
    } catch (err) {
      if (lease.isHeld() && !isAway(err)) throw err;
      log.error({ unit: lease.unit, err }, `the database went away while ${lease.unit} started: it is tried again`);
      await lease.release();
      return null;
    }
  }
}

function isAway(error: unknown): boolean {
  return error instanceof Error && (isConnectionLost(error) || isAway(error.cause));
}
