import { hostname } from 'node:os';
import { transactionId } from './commit.ts';
import type { Connection } from './connection.ts';

/** Length of a lease by the clock of the server, ms. */
export const LEASE_MS = 6_000;
/** The one unit of work that there is: everything. */
const UNIT = 'lookout';
/**
 * Unique violation and duplicate table: two processes made the table at once, in spite of `if not exists`:
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const MADE_MEANWHILE: ReadonlySet<unknown> = new Set(['23505', '42P07', '42710']);

const inSixSeconds = `clock_timestamp() + interval '${LEASE_MS} milliseconds'`;
/** The server's clock, Unix milliseconds. */
const serverNow = '(extract(epoch from clock_timestamp()) * 1000) as now';

/** The lease as its holder names it. */
export interface Held {
  /** A random text that no other process has. */
  readonly owner: string;
  /** Rises with each change of hands. */
  readonly epoch: number;
}

/**
 * Makes the table of leases, which is there before all others, because the schema is updated under the lease. Two processes that
 * start at once may both try.
 */
export async function makeTable(connection: Connection): Promise<void> {
  const { rows } = await connection.query(`select to_regclass('leases') is not null as is_there`);
  if (rows[0]?.is_there === true) return;
  await connection
    .query(
      `create table if not exists leases (unit text primary key, owner text not null, holder text not null,
         epoch bigint not null, ends_at timestamptz not null)`,
    )
    .catch((err: unknown) => {
      if (!(err instanceof Error) || !MADE_MEANWHILE.has((err as { code?: unknown }).code)) throw err;
    });
}

/** Returns the process that holds a lease which is not over, `machine:process`; null: there is none. */
export async function holderOf(connection: Connection): Promise<string | null> {
  const { rows } = await connection.query(
    'select holder from leases where unit = $1 and ends_at >= clock_timestamp()',
    [UNIT],
  );
  return rows[0] === undefined ? null : String(rows[0].holder);
}

/**
 * Takes a lease that is free or over; null if another process was faster. Waits for a write under its former holder, which holds a
 * share of the row. `now`: the clock of the server, Unix milliseconds.
 */
export async function takeRow(
  connection: Connection,
  owner: string,
): Promise<{ readonly epoch: number; readonly now: number } | null> {
  const { rows } = await connection.query(
    `insert into leases (unit, owner, holder, epoch, ends_at) values ($1, $2, $3, 1, ${inSixSeconds})
     on conflict (unit) do update set owner = excluded.owner, holder = excluded.holder, epoch = leases.epoch + 1,
       ends_at = ${inSixSeconds} where leases.ends_at < clock_timestamp() returning epoch, ${serverNow}`,
    [UNIT, owner, `${hostname()}:${process.pid}`],
  );
  return rows[0] === undefined ? null : { epoch: Number(rows[0].epoch), now: Number(rows[0].now) };
}

/** Renews a lease, and returns the clock of the server; null if another process has it. */
export async function renewRow(connection: Connection, { owner, epoch }: Held): Promise<number | null> {
  const { rows } = await connection.query(
    `update leases set ends_at = ${inSixSeconds} where unit = $1 and owner = $2 and epoch = $3 returning ${serverNow}`,
    [UNIT, owner, epoch],
  );
  return rows[0] === undefined ? null : Number(rows[0].now);
}

/** Ends a lease, so that the next process can take it at once. */
export async function endRow(connection: Connection, { owner, epoch }: Held): Promise<void> {
  await connection.query(
    'update leases set ends_at = clock_timestamp() where unit = $1 and owner = $2 and epoch = $3',
    [UNIT, owner, epoch],
  );
}

/**
 * Begins a transaction that shares the row of the lease until its end, so that no process can take the lease meanwhile. Returns
 * the id of the transaction; null if the lease is not ours any more.
 */
export async function beginUnder(connection: Connection, held: Held): Promise<string | null> {
  const answers = await connection.queries(`begin; ${sharing(held)}`);
  const row = answers[1]?.rows[0];
  return row === undefined ? null : String(row.id);
}

/** The same inside a transaction that began before. */
export async function shareRow(connection: Connection, held: Held): Promise<boolean> {
  return (await connection.query(sharing(held))).rowCount === 1;
}

function sharing({ owner, epoch }: Held): string {
  return `select ${transactionId} from leases where unit = '${UNIT}' and owner = '${owner}' and epoch = ${epoch}
    and ends_at > clock_timestamp() for share`;
}
