import type { Json } from '../../words.ts';
import type { Connection } from './connection.ts';

/** Time without a sign of life after which a process counts as dead, ms. Shorter than a lease, so that its units are not left waiting for it. */
const ALIVE_MS = 3_500;
/** Time for which a dead process is remembered, ms: one that starts again with the same configuration is not news. */
const KEPT_MS = 3_600_000;

/** A process as it describes itself. */
export interface ProcessOfOurs {
  /** A random text that no other process has: the owner of its leases. */
  readonly id: string;
  /** `machine:process` */
  readonly name: string;
  /** The version of Lookout. */
  readonly version: string;
  /** The name of the last migration that it knows. */
  readonly schema: string;
  /** The fingerprint of its configuration. */
  readonly config: string;
}

/** A process that gave a sign of life a moment ago. */
export interface LiveProcess extends ProcessOfOurs {
  /** Time at which its configuration was first seen here, Unix milliseconds. */
  readonly configAt: number;
}

/** A lease that some process has or had. */
export interface LeaseOfUnit {
  readonly unit: string;
  readonly owner: string;
  /** `machine:process` */
  readonly holder: string;
  /** Time since it is over, ms; null: it holds. */
  readonly freeForMs: number | null;
  /** The facts that its holder wrote down about the unit; null: none yet. */
  readonly facts: Json;
}

/** All that is known about the processes on a database. */
export interface Fleet {
  /** The name of the last migration that the database has; null: it has none. */
  readonly schema: string | null;
  readonly processes: readonly LiveProcess[];
  readonly leases: readonly LeaseOfUnit[];
}

/** The same as it was read a moment ago. */
export interface FleetNow extends Fleet {
  /** Time until the next of the leases is over if it is not renewed, ms; infinite: none holds. */
  readonly nextEndInMs: number;
}

/** Gives a sign of life. The time of a configuration is that of the first process that had it, so that a restart is not news. */
export async function signOfLife(connection: Connection, one: ProcessOfOurs): Promise<void> {
  const { id, name, version, schema, config } = one;
  await connection.query(
    `insert into processes (id, name, version, schema, config, config_at, seen_at)
     values ($1, $2, $3, $4, $5,
       coalesce((select min(config_at) from processes where config = $5), clock_timestamp()), clock_timestamp())
     on conflict (id) do update set seen_at = excluded.seen_at, config = excluded.config,
       config_at = excluded.config_at`,
    [id, name, version, schema, config],
  );
}

/** Notes that a process ends, and removes those that have been dead for long. */
export async function forgetProcess(connection: Connection, id: string): Promise<void> {
  await connection.query(
    `update processes set seen_at = clock_timestamp() - interval '${ALIVE_MS} milliseconds' where id = $1`,
    [id],
  );
  await connection.query(
    `delete from processes where seen_at < clock_timestamp() - interval '${KEPT_MS} milliseconds'`,
  );
}

/** Reads the live processes, the longest there first, and the leases of all units. */
export async function readFleet(connection: Connection): Promise<FleetNow> {
  const processes = await connection.query(
    `select id, name, version, schema, config, floor(extract(epoch from config_at) * 1000) as "configAt"
     from processes where seen_at > clock_timestamp() - interval '${ALIVE_MS} milliseconds' order by config_at, id`,
  );
  const leases = await connection.query(
    `select unit, owner, holder, facts, floor(extract(epoch from clock_timestamp() - ends_at) * 1000) as over
     from leases where ends_at > clock_timestamp() - interval '1 hour' order by unit`,
  );
  const journal = await connection.query(`select to_regclass('kysely_migration') is not null as is_there`);
  const migrated =
    journal.rows[0]?.is_there === true
      ? await connection.query('select max(name) as name from kysely_migration')
      : null;
  const endsInMs = leases.rows.map(({ over }) => -Number(over)).filter((ms) => ms >= 0);
  return {
    nextEndInMs: Math.min(...endsInMs, Number.POSITIVE_INFINITY),
    schema: typeof migrated?.rows[0]?.name === 'string' ? migrated.rows[0].name : null,
    processes: processes.rows as unknown as LiveProcess[],
    leases: leases.rows.map(({ unit, owner, holder, facts, over }) => ({
      unit: String(unit),
      owner: String(owner),
      holder: String(holder),
      freeForMs: Number(over) > 0 ? Number(over) : null,
      facts: factsOf(facts),
    })),
  };
}

function factsOf(text: unknown): Json {
  return typeof text === 'string' ? (JSON.parse(text) as Json) : null;
}
