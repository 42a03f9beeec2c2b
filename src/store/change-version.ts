import { sql } from 'kysely';
import type { Database, Trx } from './tables.ts';

/** Returns the version of what commands changed: it rises with each change that another process must read (PostgreSQL). */
export async function readChangeVersion(db: Database): Promise<number> {
  const { rows } = await sql<{ version: number }>`select version from command_changes`.execute(db);
  return rows[0]?.version ?? 0;
}

/** Notes, in the transaction of a change, that other processes must read it. Returns the version that has it. */
export async function raiseChangeVersion(trx: Trx): Promise<number> {
  const { rows } = await sql<{ version: number }>`
    update command_changes set version = version + 1 returning version`.execute(trx);
  return rows[0]?.version ?? 0;
}
