import { randomUUID } from 'node:crypto';
import type { Config } from '../config/config.ts';
import { perConfig } from '../config/per-config.ts';
import { LastReload } from '../reload/last-reload.ts';
import { mergeConfigs } from '../reload/merge.ts';
import type { Reloader, ReloaderOptions } from '../reload/reloader.ts';
import type { StorePlace } from '../store/place.ts';
import { describeAddress, type PostgresAddress } from '../store/postgres/address.ts';
import { type Connection, connect } from '../store/postgres/connection.ts';
import type { Lease } from '../store/postgres/lease.ts';
import { forgetProcess } from '../store/postgres/process-rows.ts';
import { connectOrExplain, type takeLease } from '../store/postgres/take-lease.ts';
import { startTelegraph } from '../store/postgres/telegraph.ts';
import { NewerDatabaseError } from '../store/store-errors.ts';
import { createBell } from '../time/bell.ts';
import { systemClock } from '../time/clock.ts';
import type { AccountId, Json } from '../words.ts';
import { FleetWatch } from './fleet-watch.ts';
import { HeldUnit } from './held-unit.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { createMonitoring, type Monitoring } from './monitoring.ts';
import { openSharedControl } from './open-control.ts';
import type { AppOptions, Ending } from './options.ts';
import { startReloading } from './reloading.ts';
import { ShardsOfAccounts } from './shards-of-accounts.ts';
import { joinNotes, lostNote, Switchboard, shortNote } from './signals.ts';
import { logProxies } from './start-app.ts';
import { startUnderLease, type UnitParts } from './start-under-lease.ts';
import type { RunningUnit, Unit } from './start-unit.ts';
import { unitRoutes } from './unit-routes.ts';
import { accountsInUse, shardOfUnit, unitsOf } from './units.ts';

/** Longest time between two looks for free units, ms; each is a sign of life, too. */
const LOOK_EVERY_MS = 1_000;
/** Delay from the end of a lease to the look that finds it free, ms. */
const AFTER_END_MS = 5;

/** Starts the app of a unit under its lease. */
type StartUnit = (lease: Lease) => Promise<RunningUnit>;

export interface UnitProcessOptions extends AppOptions {
  readonly config: Config & { readonly store: Extract<StorePlace, { kind: 'postgres' }> };
  /** Takes the lease of a unit; a test may change what it gives. */
  readonly takeLease: typeof takeLease;
  /** Called when units begin or end here. */
  readonly onUnits: (units: readonly Unit[]) => void;
}

/**
 * One of several processes on a PostgreSQL database: takes units of the work that are free, runs an app for each, and hands units over to
 * processes that have fewer.
 */
export class UnitProcess {
  readonly lastReload: LastReload;
  readonly #options: UnitProcessOptions;
  readonly #address: PostgresAddress;
  readonly #id = randomUUID();
  readonly #lifecycle: Lifecycle;
  readonly #stopping = new AbortController();
  readonly #bell = createBell(systemClock);
  readonly #held = new Map<string, HeldUnit>();
  readonly #fleet: FleetWatch;
  readonly #shards = new ShardsOfAccounts((unit) => this.loginOf(unit));
  readonly #ending = Promise.withResolvers<Ending>();
  #config: Config;
  #looking: Promise<void> = Promise.resolve();
  #reloader: Reloader | null = null;

  constructor(options: UnitProcessOptions) {
    const { config, clock, version, log } = options;
    this.#options = options;
    this.#address = config.store.address;
    this.#config = config;
    this.#lifecycle = createLifecycle(options);
    this.lastReload = new LastReload(clock);
    this.#fleet = new FleetWatch({ id: this.#id, version, config: this.config, units: this.#unitNames, log });
    // It may come before someone waits for it.
    this.#ending.promise.catch(() => {});
  }

  /** The configuration in effect. */
  readonly config = (): Config => this.#config;

  /** The leader and the accounts that work here. */
  get units(): readonly Unit[] {
    return [...this.#held.values()].flatMap(({ unit }) => (unit !== null && 'delivery' in unit ? (unit as Unit) : []));
  }

  /** The names of all units that work here, or start. */
  get held(): readonly string[] {
    return [...this.#held.keys()];
  }

  readonly #accounts = perConfig(this.config, (now) => accountsInUse(now, this.#options.platforms));

  readonly #unitNames = () => unitsOf(this.#accounts(), this.#shards.countOf);

  /** Null: the configuration does not change while Lookout runs. */
  get reloader(): Reloader | null {
    return this.#reloader;
  }

  /** Resolves only if the process cannot continue; rejects if a unit cannot be started. */
  get ending(): Promise<Ending> {
    return this.#ending.promise;
  }

  /** Begins to look for units. Throws a `StoreError` or `MetricsStartError` with advice for the operator. */
  async start(): Promise<void> {
    logProxies(this.#options);
    const connection = await connectOrExplain(this.#address);
    try {
      const monitoring = await this.#startMonitoring();
      const switchboard = this.#startSignals();
      const apply: ReloaderOptions['apply'] = (...what) => this.#apply(monitoring, ...what);
      const tell: Unit['delivery']['tell'] = (...what) => this.units[0]?.delivery.tell(...what);
      const parts = { config: this.config, lastReload: this.lastReload, apply, tell };
      this.#reloader = startReloading(this.#options, parts, this.#lifecycle);
      const routes = unitRoutes(this.#options, this);
      await openSharedControl(this.#options, { routes, secrets: () => this.#config.secrets }, this.#lifecycle);
      const unitParts: UnitParts = {
        ...{ options: this.#options, config: this.config, monitoring, switchboard },
        ...{ shards: this.#shards, fleet: this.#fleet, factsOf: (unit) => this.factsOf(unit) },
        loginOf: (unit) => this.loginOf(unit),
      };
      this.#looking = this.#lookAgainAndAgain(connection, monitoring, (lease) => startUnderLease(lease, unitParts));
    } catch (err) {
      await this.#lifecycle.stop(0);
      await connection.end();
      throw err;
    }
  }

  /** Hands all units over, after at most `graceMs` for sends in flight. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    const stopAll = () => Promise.all([...this.#held.values()].map((held) => held.stop(graceMs)));
    // The look may wait for the database, and take one more unit.
    await Promise.all([stopAll(), this.#looking]);
    await stopAll();
    await this.#lifecycle.stop(0);
  }

  /** Returns the facts about a unit, from its app if it is here; null: there are none. */
  factsOf(unit: string): Json {
    return this.#held.get(unit)?.unit?.facts() ?? this.#fleet.factsOf(unit);
  }

  /** Returns those of the facts about a unit that say who it is logged in as, and its shards. */
  loginOf(unit: string): Json {
    return this.#held.get(unit)?.unit?.login() ?? this.#fleet.factsOf(unit);
  }

  /** Lines about the processes and their units, for `status`. */
  fleetLines(): readonly string[] {
    return this.#fleet.lines();
  }

  async #startMonitoring(): Promise<Monitoring> {
    const process = {
      lastReload: () => this.lastReload,
      units: this.#unitNames,
      configDiffers: () => this.#fleet.difference !== null,
    };
    const monitoring = await createMonitoring({ ...this.#options, process });
    this.#lifecycle.onStop('the metrics', () => monitoring.stop());
    await monitoring.start(this.config);
    return monitoring;
  }

  #startSignals(): Switchboard {
    const switchboard: Switchboard = new Switchboard((text) => telegraph.send(text), systemClock);
    const telegraph = startTelegraph({
      address: this.#address,
      id: this.#id,
      onText: (text) => switchboard.heard(text),
      onGap: () => switchboard.mayHaveMissed(),
      join: joinNotes,
      shorten: shortNote,
      lost: lostNote,
      clock: systemClock,
      log: this.#options.log,
    });
    this.#lifecycle.onStop('the signals', () => telegraph.stop());
    return switchboard;
  }

  async #lookAgainAndAgain(first: Connection, monitoring: Monitoring, start: StartUnit): Promise<void> {
    const { signal } = this.#stopping;
    let connection = first;
    let isAway = false;
    while (!signal.aborted) {
      let mayTakeMore = false;
      try {
        if (connection.isBroken) connection = await connect(this.#address, 'lease');
        mayTakeMore = await this.#look(connection, start);
        isAway = false;
      } catch (err) {
        if (!isAway) this.#options.log.warn({ err }, 'the database does not answer; retrying every second');
        isAway = true;
      }
      monitoring.databaseAway(isAway);
      const waitMs = isAway ? LOOK_EVERY_MS : Math.min(LOOK_EVERY_MS, this.#fleet.nextFreeInMs + AFTER_END_MS);
      if (!mayTakeMore) await this.#bell.wait(waitMs, signal);
    }
    await forgetProcess(connection, this.#id).catch(() => undefined);
    await connection.end();
  }

  /** Takes or hands over at most one unit. Returns true if it took one: there may be more. */
  async #look(connection: Connection, start: StartUnit): Promise<boolean> {
    const { log } = this.#options;
    const decision = await this.#fleet.look(connection, this.#held);
    const wanted = new Set(this.#unitNames());
    this.#endShards((unit) => !wanted.has(unit) || this.#shards.isOfOldUser(unit));
    const { unknownSchema } = this.#fleet;
    if (unknownSchema !== null)
      this.#ending.reject(new NewerDatabaseError(describeAddress(this.#address), [unknownSchema]));
    else if (decision.kind === 'take') return this.#take(decision.unit, start);
    else if (decision.kind === 'handOver') {
      log.info({ unit: decision.unit }, `another process has fewer units: it takes over ${decision.unit}`);
      this.#held.get(decision.unit)?.handOver();
    }
    return false;
  }

  async #take(name: string, start: StartUnit): Promise<boolean> {
    const { log, takeLease: take } = this.#options;
    const lease = await take({ address: this.#address, clock: systemClock, unit: name, owner: this.#id });
    if ('heldBy' in lease) return false;
    // A reload may have removed it meanwhile.
    if (!this.#unitNames().includes(name)) {
      await lease.release();
      return false;
    }
    log.info({ unit: name, epoch: lease.epoch }, `this process works on ${name} from now on`);
    const onStarted = () => this.#options.onUnits(this.units);
    const onEnding = (ending: Ending) => this.#ending.resolve(ending);
    const held = new HeldUnit({ ...{ lease, start, onStarted, onEnding, log } });
    this.#held.set(name, held);
    void held.ended
      .catch((err) => this.#ending.reject(err))
      .finally(() => {
        this.#held.delete(name);
        this.#options.onUnits(this.units);
        this.#bell.ring();
      });
    return true;
  }

  /** Gives up units of shards that their account does not want any more, or not with the same settings. */
  #endShards(isOver: (unit: string, account: AccountId) => boolean): void {
    for (const [unit, held] of this.#held) {
      const of = shardOfUnit(unit);
      if (of !== null && isOver(unit, of.account)) held.handOver();
    }
  }

  /** Puts a configuration into effect in the process, and in each of its units. */
  async #apply(monitoring: Monitoring, ...[next, changes]: Parameters<ReloaderOptions['apply']>) {
    const has = (kind: string) => changes.some(({ effect }) => effect.kind === kind);
    if (has('key') && next.source.key !== null) this.#config.source.key?.become(next.source.key);
    this.#config = mergeConfigs(this.#config, next, changes);
    if (has('logLevel')) this.#options.logLevel.setLevel(next.logLevel);
    const changed = new Set(changes.flatMap(({ effect }) => (effect.kind === 'chat' ? [effect.account] : [])));
    for (const account of changed) this.#shards.forget(account);
    this.#endShards((_, account) => changed.has(account));
    const unapplied = [];
    for (const unit of this.units) unapplied.push(...(await unit.apply(next, changes)));
    if (this.units.length === 0 && has('metrics')) {
      const reason = await monitoring.configure(next.metrics);
      if (reason !== null) unapplied.push({ kind: 'metrics', reason } as const);
    }
    this.#bell.ring();
    return unapplied;
  }
}
