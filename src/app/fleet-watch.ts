import type { Config } from '../config/config.ts';
import { perConfig } from '../config/per-config.ts';
import type { Log } from '../log.ts';
import { fingerprintOf } from '../reload/fingerprint.ts';
import { migrations } from '../store/migrations.ts';
import type { Connection } from '../store/postgres/connection.ts';
import { processName } from '../store/postgres/lease-row.ts';
import { type FleetNow, readFleet, signOfLife } from '../store/postgres/process-rows.ts';
import type { Json } from '../words.ts';
import { type Decision, decideUnits } from './decide-units.ts';
import { configurationsLine, fleetLines } from './fleet-lines.ts';

export interface FleetWatchOptions {
  /** The id of this process, which owns its leases. */
  readonly id: string;
  /** The version of Lookout. */
  readonly version: string;
  /** Returns the configuration in effect. */
  readonly config: () => Config;
  /** Returns the units of that configuration, the leader first. */
  readonly units: () => readonly string[];
  readonly log: Log;
}

/** The units of this process, and since when it has them, by the monotonic clock, ms. */
type HeldSince = ReadonlyMap<string, { readonly since: number }>;

/** Knows the processes on a database and their units, as they were at the last look. */
export class FleetWatch {
  readonly #options: FleetWatchOptions;
  /** The whole configuration is read for it, and a look comes every second. */
  readonly #fingerprint: () => string;
  /** When each free unit was first seen to be free, by the monotonic clock, ms. */
  readonly #freeSince = new Map<string, number>();
  #fleet: FleetNow = { schema: null, processes: [], leases: [], nextEndInMs: Number.POSITIVE_INFINITY };
  #told = '';
  /** True if the last line about the configurations said that they differ. */
  #differed = false;

  constructor(options: FleetWatchOptions) {
    this.#options = options;
    this.#fingerprint = perConfig(options.config, fingerprintOf);
  }

  /** Returns how the configurations of the processes differ; null: they do not. */
  get difference(): string | null {
    return configurationsLine(this.#fleet.processes);
  }

  /** The name of the last migration of the database if this version does not know it; null: it does. */
  get unknownSchema(): string | null {
    const { schema } = this.#fleet;
    return schema === null || migrations.some(({ name }) => name === schema) ? null : schema;
  }

  /** Time from the last look until a unit may be free, because its process does not live any more, ms. */
  get nextFreeInMs(): number {
    return this.#fleet.nextEndInMs;
  }

  /** Lines about the processes and their units, for `status`. */
  lines(): readonly string[] {
    const lines = fleetLines(this.#options.units(), this.#fleet);
    return this.difference === null ? lines : [...lines, this.difference];
  }

  /** Returns the facts that the process of a unit wrote down; null: there are none. */
  factsOf(unit: string): Json {
    const lease = this.#fleet.leases.find((one) => one.unit === unit);
    return lease === undefined || lease.freeForMs !== null ? null : lease.facts;
  }

  /** Gives a sign of life, looks at the other processes, and decides what to do. */
  async look(connection: Connection, held: HeldSince): Promise<Decision> {
    const { id, version, units } = this.#options;
    const schema = migrations.at(-1)?.name ?? '';
    await signOfLife(connection, { id, name: processName(), version, schema, config: this.#fingerprint() });
    this.#fleet = await readFleet(connection);
    const now = performance.now();
    this.#noteFree(held, now);
    this.#say(held.size === 0);
    return decideUnits({
      me: id,
      units: units(),
      fleet: this.#fleet,
      freeForMs: new Map([...this.#freeSince].map(([unit, since]) => [unit, now - since])),
      heldForMs: new Map([...held].map(([unit, { since }]) => [unit, now - since])),
    });
  }

  #noteFree(held: HeldSince, now: number): void {
    const { id, units } = this.#options;
    // One that was ours and could not be renewed is free for us.
    const byOthers = this.#fleet.leases.filter(({ owner, freeForMs }) => freeForMs === null && owner !== id);
    const taken = new Set(byOthers.map(({ unit }) => unit));
    for (const unit of units())
      if (taken.has(unit) || held.has(unit)) this.#freeSince.delete(unit);
      else if (!this.#freeSince.has(unit)) this.#freeSince.set(unit, now);
  }

  /** Logs who has what if this process has nothing, and which processes have other configurations, when that changed. */
  #say(isIdle: boolean): void {
    const { log, units } = this.#options;
    const lines = fleetLines(units(), this.#fleet);
    const told = JSON.stringify([isIdle, lines, this.difference]);
    if (told === this.#told) return;
    this.#told = told;
    if (isIdle) log.info({ units: lines }, `standing by: ${lines.join(', ')}`);
    if (this.difference !== null) log.warn({}, this.difference);
    else if (this.#differed) log.info({}, 'all processes have the same configuration again');
    this.#differed = this.difference !== null;
  }
}
