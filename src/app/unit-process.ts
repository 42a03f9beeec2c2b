import { randomUUID } from 'node:crypto';
import type { Config } from '../config/config.ts';
import { fingerprintOf } from '../reload/fingerprint.ts';
import { LastReload } from '../reload/last-reload.ts';
import { mergeConfigs } from '../reload/merge.ts';
import type { Reloader, ReloaderOptions } from '../reload/reloader.ts';
import { migrations } from '../store/migrations.ts';
import type { StorePlace } from '../store/place.ts';
import { describeAddress, type PostgresAddress } from '../store/postgres/address.ts';
import { type Connection, connect } from '../store/postgres/connection.ts';
import { isConnectionLost } from '../store/postgres/errors.ts';
import type { Lease } from '../store/postgres/lease.ts';
import { processName } from '../store/postgres/lease-row.ts';
import { type Fleet, forgetProcess, readFleet, signOfLife } from '../store/postgres/process-rows.ts';
import { connectOrExplain, type takeLease } from '../store/postgres/take-lease.ts';
import { startTelegraph, type Telegraph } from '../store/postgres/telegraph.ts';
import { leaderUnit } from '../store/postgres/unit-names.ts';
import { NewerDatabaseError } from '../store/store-errors.ts';
import { createBell } from '../time/bell.ts';
import { systemClock } from '../time/clock.ts';
import { decideUnits } from './decide-units.ts';
import { configurationsLine, fleetLines } from './fleet-lines.ts';
import { createLifecycle } from './lifecycle.ts';
import { createMonitoring, type Monitoring } from './monitoring.ts';
import { openSharedControl } from './open-control.ts';
import type { AppOptions, Ending } from './options.ts';
import { startReloading } from './reloading.ts';
import { leaderFactsOf, type Share } from './share.ts';
import { joinNotes, Switchboard, tooLongNote } from './signals.ts';
import { logProxies } from './start-app.ts';
import { startUnit, type Unit } from './start-unit.ts';
import { unitRoutes } from './unit-routes.ts';
import { accountOfUnit, unitsOf } from './units.ts';

/** Interval between two signs of life, ms; also of looks for free units. */
const LOOK_EVERY_MS = 1_000;
/** Time for a send in flight to end when a unit is handed over, ms. */
const HAND_OVER_MS = 1_000;
/** The same without the lease, since the outcome may not be stored any more. */
const NO_GRACE_MS = 0;

export interface UnitProcessOptions extends AppOptions {
  readonly config: Config & { readonly store: Extract<StorePlace, { kind: 'postgres' }> };
  /** Takes the lease of a unit; a test may change what it gives. */
  readonly takeLease: typeof takeLease;
  /** Called when units begin or end here. */
  readonly onUnits: (units: readonly Unit[]) => void;
}

/** A unit whose lease is here: it starts, works, or ends. */
interface Held {
  readonly lease: Lease;
  /** By the monotonic clock, ms. */
  readonly since: number;
  /** Null while it starts. */
  unit: Unit | null;
  /** Aborted to hand it over. */
  readonly giving: AbortController;
  readonly ended: Promise<void>;
}

/**
 * One of several processes on a PostgreSQL database: takes units of the work that are free, runs an app for each, and hands units over to
 * processes that have fewer.
 */
export class UnitProcess {
  readonly id = randomUUID();
  readonly #options: UnitProcessOptions;
  readonly #address: PostgresAddress;
  readonly #lifecycle;
  readonly #stopping = new AbortController();
  readonly #bell = createBell(systemClock);
  readonly #held = new Map<string, Held>();
  /** When each free unit was first seen to be free, by the monotonic clock, ms. */
  readonly #freeSince = new Map<string, number>();
  readonly #ending = Promise.withResolvers<Ending>();
  readonly #failure = Promise.withResolvers<never>();
  readonly lastReload: LastReload;
  #config: Config;
  #fleet: Fleet = { schema: null, processes: [], leases: [] };
  #told = '';
  #isDatabaseAway = false;
  #switchboard: Switchboard | null = null;
  #monitoring: Monitoring | null = null;
  #looking: Promise<void> = Promise.resolve();
  reloader: Reloader | null = null;

  constructor(options: UnitProcessOptions) {
    this.#options = options;
    this.#address = options.config.store.address;
    this.#config = options.config;
    this.#lifecycle = createLifecycle(options);
    this.lastReload = new LastReload(options.clock);
    this.#failure.promise.catch(() => {});
  }

  /** The configuration in effect. */
  readonly config = (): Config => this.#config;

  get units(): readonly Unit[] {
    return [...this.#held.values()].flatMap(({ unit }) => unit ?? []);
  }

  get fleet(): Fleet {
    return this.#fleet;
  }

  /** Resolves only if the process cannot continue; rejects if a unit cannot be started. */
  get ending(): Promise<Ending> {
    return Promise.race([this.#ending.promise, this.#failure.promise]);
  }

  /** Begins to look for units. Throws a `StoreError` or `MetricsStartError` with advice for the operator. */
  async start(): Promise<void> {
    const { config, log, platforms } = this.#options;
    logProxies({ config, log });
    const connection = await connectOrExplain(this.#address);
    const monitoring = await createMonitoring({
      ...this.#options,
      process: {
        lastReload: () => this.lastReload,
        units: () => unitsOf(this.#config, platforms),
        configDiffers: () => configurationsLine(this.#fleet.processes) !== null,
      },
    });
    this.#monitoring = monitoring;
    this.#lifecycle.onStop('the metrics', () => monitoring.stop());
    await monitoring.start(this.config);
    this.#startSignals();
    this.reloader = startReloading(
      this.#options,
      {
        config: this.config,
        apply: (next, changes) => this.#apply(next, changes),
        tell: (...what) => this.units[0]?.delivery.tell(...what),
        lastReload: this.lastReload,
      },
      this.#lifecycle,
    );
    const routes = unitRoutes(this.#options, this);
    await openSharedControl(this.#options, { routes, secrets: () => this.#config.secrets }, this.#lifecycle);
    this.#looking = this.#lookAgainAndAgain(connection);
  }

  /** Hands all units over, after at most `graceMs` for sends in flight. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    const stopAll = () => Promise.all([...this.#held.values()].map((held) => stopOne(held, graceMs)));
    // The look may wait for the database, and take one more unit.
    await Promise.all([stopAll(), this.#looking]);
    await stopAll();
    await this.#lifecycle.stop(0);
  }

  #startSignals(): void {
    const { log } = this.#options;
    let telegraph: Telegraph | null = null;
    const switchboard = new Switchboard((text) => telegraph?.send(text));
    telegraph = startTelegraph({
      address: this.#address,
      id: this.id,
      onText: (text) => switchboard.heard(text),
      onGap: () => switchboard.mayHaveMissed(),
      join: joinNotes,
      tooLong: tooLongNote,
      clock: systemClock,
      log,
    });
    const { stop } = telegraph;
    this.#lifecycle.onStop('the signals', stop);
    this.#switchboard = switchboard;
  }

  async #lookAgainAndAgain(first: Connection): Promise<void> {
    const { signal } = this.#stopping;
    let connection = first;
    while (!signal.aborted) {
      let isDone = true;
      try {
        if (connection.isBroken) connection = await connect(this.#address, 'lease');
        isDone = !(await this.#look(connection));
        this.#isDatabaseAway = false;
      } catch (err) {
        if (!this.#isDatabaseAway)
          this.#options.log.warn({ err }, 'the database does not answer; retrying every second');
        this.#isDatabaseAway = true;
      }
      if (isDone) await this.#bell.wait(LOOK_EVERY_MS, signal);
    }
    await forgetProcess(connection, this.id).catch(() => undefined);
    await connection.end();
  }

  /** Gives a sign of life, and takes or hands over at most one unit. Returns true if it took one: there may be more. */
  async #look(connection: Connection): Promise<boolean> {
    const { version, platforms } = this.#options;
    const schema = migrations.at(-1)?.name ?? '';
    const config = fingerprintOf(this.#config);
    await signOfLife(connection, { id: this.id, name: processName(), version, schema, config });
    this.#fleet = await readFleet(connection);
    this.#refuseNewer();
    const now = performance.now();
    const units = unitsOf(this.#config, platforms);
    this.#noteFree(units, now);
    this.#say(units);
    const decision = decideUnits({
      me: this.id,
      units,
      fleet: this.#fleet,
      freeForMs: new Map([...this.#freeSince].map(([unit, since]) => [unit, now - since])),
      heldForMs: new Map([...this.#held].map(([unit, { since }]) => [unit, now - since])),
    });
    if (decision.kind === 'take') return this.#take(decision.unit);
    if (decision.kind === 'handOver') {
      const { log } = this.#options;
      log.info({ unit: decision.unit }, `another process has fewer units: it takes over ${decision.unit}`);
      this.#held.get(decision.unit)?.giving.abort();
    }
    return false;
  }

  /** Ends the process if another version has written to the database that this one does not know. */
  #refuseNewer(): void {
    const { schema } = this.#fleet;
    if (schema === null || migrations.some(({ name }) => name === schema)) return;
    this.#failure.reject(new NewerDatabaseError(describeAddress(this.#address), [schema]));
  }

  #noteFree(units: readonly string[], now: number): void {
    // One that was ours and could not be renewed is free for us.
    const byOthers = this.#fleet.leases.filter(({ owner, freeForMs }) => freeForMs === null && owner !== this.id);
    const taken = new Set(byOthers.map(({ unit }) => unit));
    for (const unit of units)
      if (taken.has(unit) || this.#held.has(unit)) this.#freeSince.delete(unit);
      else if (!this.#freeSince.has(unit)) this.#freeSince.set(unit, now);
  }

  /** Logs who has what when that changed, and which processes have other configurations. */
  #say(units: readonly string[]): void {
    const { log } = this.#options;
    const lines = fleetLines(units, this.#fleet);
    const difference = configurationsLine(this.#fleet.processes);
    const isIdle = this.#held.size === 0;
    const told = JSON.stringify([isIdle, lines, difference]);
    if (told === this.#told) return;
    this.#told = told;
    if (isIdle) log.info({ units: lines }, `standing by: ${lines.join(', ')}`);
    if (difference !== null) log.warn({}, difference);
  }

  async #take(name: string): Promise<boolean> {
    const { log, takeLease: take } = this.#options;
    const lease = await take({ address: this.#address, clock: systemClock, unit: name, owner: this.id });
    if ('heldBy' in lease) return false;
    this.#freeSince.delete(name);
    log.info({ unit: name, epoch: lease.epoch }, `this process works on ${name} from now on`);
    const giving = new AbortController();
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const held: Held = { lease, since: performance.now(), unit: null, giving, ended };
    this.#held.set(name, held);
    void this.#work(name, held)
      .catch((err) => this.#failure.reject(err))
      .finally(() => {
        this.#held.delete(name);
        this.#options.onUnits(this.units);
        resolve();
        this.#bell.ring();
      });
    return true;
  }

  /** Runs the app of a unit until its lease is lost or given away. */
  async #work(name: string, held: Held): Promise<void> {
    const { log } = this.#options;
    const { lease, giving } = held;
    const unit = await this.#startOrLeave(name, lease);
    if (unit === null) return;
    lease.tell(unit.facts);
    held.unit = unit;
    this.#options.onUnits(this.units);
    const given = new Promise<'given'>((resolve) => {
      if (giving.signal.aborted) resolve('given');
      giving.signal.addEventListener('abort', () => resolve('given'));
    });
    const end = await Promise.race([given, lease.lost.then(() => 'lost' as const), unit.ending]);
    if (end === 'given') return unit.stop(HAND_OVER_MS);
    if (end === 'lost') {
      if (!this.#stopping.signal.aborted)
        log.error(
          { unit: name, epoch: lease.epoch },
          `the lease of ${name} is lost: this process stops its work on it`,
        );
      return unit.stop(NO_GRACE_MS);
    }
    this.#ending.resolve(end);
    // It is stopped with the process.
    await lease.lost;
  }

  /** Returns null if the database went away while the unit started, or another process took it over. */
  async #startOrLeave(name: string, lease: Lease): Promise<Unit | null> {
    const monitoring = this.#monitoring;
    const switchboard = this.#switchboard;
    if (monitoring === null || switchboard === null) throw new Error('a unit was taken before the process was ready');
    const { log } = this.#options;
    const config = { ...this.#config, network: { ...this.#config.network, mayWrite: lease.isHeld } };
    try {
      return await startUnit({
        ...this.#options,
        ...{ config, lease, monitoring, clock: lease.clock },
        share: this.#shareOf(name, switchboard),
      });
    } catch (err) {
      if (lease.isHeld() && !isAway(err)) throw err;
      log.error({ unit: name, err }, `the database went away while ${name} started: this process stands by`);
      await lease.release();
      return null;
    }
  }

  #shareOf(name: string, switchboard: Switchboard): Share {
    return {
      unit: name,
      account: accountOfUnit(name),
      join: (onNote) => switchboard.join(onNote),
      leader: () => leaderFactsOf(this.factsOf(leaderUnit)),
      fleet: () => this.fleetLines(),
      isAgreed: () => configurationsLine(this.#fleet.processes) === null,
    };
  }

  /** Returns the facts about a unit, from its app if it is here; null: there are none. */
  factsOf(unit: string) {
    const here = this.#held.get(unit)?.unit;
    if (here != null) return here.facts();
    const lease = this.#fleet.leases.find((one) => one.unit === unit);
    return lease === undefined || lease.freeForMs !== null ? null : lease.facts;
  }

  /** Lines about the processes and their units, for `status`. */
  fleetLines(): readonly string[] {
    const difference = configurationsLine(this.#fleet.processes);
    const lines = fleetLines(unitsOf(this.#config, this.#options.platforms), this.#fleet);
    return difference === null ? lines : [...lines, difference];
  }

  async #apply(...[next, changes]: Parameters<ReloaderOptions['apply']>) {
    if (changes.some(({ effect }) => effect.kind === 'key') && next.source.key !== null)
      this.#config.source.key?.become(next.source.key);
    this.#config = mergeConfigs(this.#config, next, changes);
    const { logLevel } = this.#options;
    if (changes.some(({ effect }) => effect.kind === 'logLevel')) logLevel.setLevel(next.logLevel);
    const unapplied = [];
    for (const unit of this.units) unapplied.push(...(await unit.apply(next, changes)));
    if (this.units.length === 0 && changes.some(({ effect }) => effect.kind === 'metrics')) {
      const reason = await this.#monitoring?.configure(next.metrics);
      if (reason != null) unapplied.push({ kind: 'metrics', reason } as const);
    }
    this.#bell.ring();
    return unapplied;
  }
}

async function stopOne({ unit, giving, ended }: Held, graceMs: number): Promise<void> {
  if (unit === null) giving.abort();
  else await unit.stop(graceMs);
  await ended;
}

function isAway(error: unknown): boolean {
  return error instanceof Error && (isConnectionLost(error) || isAway(error.cause));
}
