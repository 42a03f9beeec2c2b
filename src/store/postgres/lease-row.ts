import { hostname } from 'node:os';
import type { Json } from '../../words.ts';
import { transactionId } from './commit.ts';
import type { Connection } from './connection.ts';
import { everythingUnit, leaderUnit } from './unit-names.ts';

/** Length of a lease by the clock of the server, ms. */
export const LEASE_MS = 6_000;
/** Two keys of advisory locks of ours: for taking a lease, and for the turns of leader and accounts. */
const TAKING = 7_166_001;
const WRITING = 7_166_002;
/**
 * Unique violation and duplicate table: two processes made the table at once, in spite of `if not exists`:
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const MADE_MEANWHILE: ReadonlySet<unknown> = new Set(['23505', '42P07', '42710']);

const inSixSeconds = `clock_timestamp() + interval '${LEASE_MS} milliseconds'`;
/** The server's clock, Unix milliseconds. */
const serverNow = '(extract(epoch from clock_timestamp()) * 1000) as now';

/** A lease as its holder names it. */
export interface Held {
  /** `leader`, `account:discord`, or all of the work. */
  readonly unit: string;
  /** A random text that no other process has. */
  readonly owner: string;
  /** Rises with each change of hands. */
  readonly epoch: number;
}

/** The name of this process for people: `machine:process`. */
export const processName = () => `${hostname()}:${process.pid}`;

/** Made before all migrations, because the schema is updated under a lease. */
const tables = [
  `create table if not exists leases (unit text primary key, owner text not null, holder text not null,
     epoch bigint not null, ends_at timestamptz not null)`,
  // Earlier versions made the table without this column.
  'alter table leases add column if not exists facts text',
  `create table if not exists processes (id text primary key, name text not null, version text not null,
     schema text not null, config text not null, config_at timestamptz not null, seen_at timestamptz not null)`,
];

/** Makes the tables of leases and processes. Processes that start at once may all try. */
export async function makeTables(connection: Connection): Promise<void> {
  const { rows } = await connection.query(`select to_regclass('processes') is not null as is_there`);
  if (rows[0]?.is_there === true) return;
  for (const statement of tables)
    await connection.query(statement).catch((err: unknown) => {
      if (!(err instanceof Error) || !MADE_MEANWHILE.has((err as { code?: unknown }).code)) throw err;
    });
}

/** A lease was taken. */
export interface Taken {
  readonly epoch: number;
}

/** Returns the clock of the server, Unix milliseconds. */
export async function readServerClock(connection: Connection): Promise<number> {
  const { rows } = await connection.query(`select ${serverNow}`);
  return Number(rows[0]?.now);
}

/** The process that has a lease, or one that excludes it. */
export interface HeldBy {
  readonly heldBy: string;
}

/**
 * Takes the lease of a unit that is free or over, or that the same owner had before and does not use any more. Waits for a write under its former holder, which holds a share of the row. Two
 * processes that try at once take turns, so that one of them sees what the other one took.
 */
export async function takeRow(
  connection: Connection,
  { unit, owner }: Pick<Held, 'unit' | 'owner'>,
): Promise<Taken | HeldBy> {
  const heldBy = await holderOf(connection, unit, owner);
  if (heldBy !== null) return { heldBy };
  await connection.queries(`begin; select pg_advisory_xact_lock(${TAKING})`);
  try {
    const other = await holderOf(connection, unit, owner);
    if (other !== null) return { heldBy: other };
    const { rows } = await connection.query(
      `insert into leases (unit, owner, holder, epoch, ends_at) values ($1, $2, $3, 1, ${inSixSeconds})
       on conflict (unit) do update set owner = excluded.owner, holder = excluded.holder, epoch = leases.epoch + 1,
         ends_at = ${inSixSeconds}, facts = null returning epoch`,
      [unit, owner, processName()],
    );
    return { epoch: Number(rows[0]?.epoch) };
  } finally {
    // Nothing was written if the lease is held.
    await connection.query('commit');
  }
}

/**
 * Returns the holder of a lease that is not over and excludes the one of a unit; null: there is none. A lease that the same
 * process lost because it could not be renewed does not: that process has stopped its work on the unit.
 */
async function holderOf(connection: Connection, unit: string, owner: string): Promise<string | null> {
  const { rows } = await connection.query(
    `select holder from leases where ends_at >= clock_timestamp() and (unit in ($1, $2) or $1 = $2)
       and not (unit = $1 and owner = $3) limit 1`,
    [unit, everythingUnit, owner],
  );
  return rows[0] === undefined ? null : String(rows[0].holder);
}

/**
 * Renews a lease, writes down the facts about its unit for other processes, and returns the clock of the server; null if another
 * process has it.
 */
export async function renewRow(
  connection: Connection,
  { unit, owner, epoch }: Held,
  facts: Json,
): Promise<number | null> {
  const { rows } = await connection.query(
    `update leases set ends_at = ${inSixSeconds}, facts = $4 where unit = $1 and owner = $2 and epoch = $3
     returning ${serverNow}`,
    [unit, owner, epoch, JSON.stringify(facts)],
  );
  return rows[0] === undefined ? null : Number(rows[0].now);
}

/** Ends a lease, so that the next process can take it at once. */
export async function endRow(connection: Connection, { unit, owner, epoch }: Held): Promise<void> {
  await connection.query(
    'update leases set ends_at = clock_timestamp() where unit = $1 and owner = $2 and epoch = $3',
    [unit, owner, epoch],
  );
}

/**
 * Begins a transaction that shares the row of the lease until its end, so that no process can take the lease meanwhile. Returns
 * the id of the transaction; null if the lease is not ours any more.
 *
 * The leader writes into the rooms of all accounts, so its transactions and theirs take turns, while those of two accounts do not
 * wait for each other: each then finds the rows of a room as the one before it left them, as with one process.
 */
export async function beginUnder(connection: Connection, held: Held): Promise<string | null> {
  // The turn comes first: no row is locked while it is waited for.
  const answers = await connection.queries(`begin; ${turnOf(held)}; ${sharing(held)}`);
  const row = answers[2]?.rows[0];
  return row === undefined ? null : String(row.id);
}

/** The same inside a transaction that began before. */
export async function shareRow(connection: Connection, held: Held): Promise<boolean> {
  return (await connection.query(sharing(held))).rowCount === 1;
}

function turnOf({ unit }: Held): string {
  if (unit === everythingUnit) return 'select 1';
  return `select pg_advisory_xact_lock${unit === leaderUnit ? '' : '_shared'}(${WRITING})`;
}

function sharing({ unit, owner, epoch }: Held): string {
  return `select ${transactionId} from leases where unit = '${unit.replaceAll("'", "''")}' and owner = '${owner}'
    and epoch = ${epoch} and ends_at > clock_timestamp() for share`;
}
