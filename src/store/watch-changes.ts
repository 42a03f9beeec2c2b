import { sql } from 'kysely';
import { type Clock, sleep } from '../time/clock.ts';
import { readChangeVersion } from './change-version.ts';
import { isPostgres } from './migrations/migration.ts';
import type { Database } from './tables.ts';

/** Interval between two checks for changes by another process, ms. */
const LOOK_EVERY_MS = 1_000;

export interface ChangesListener {
  /** Called when another process wrote something. */
  onChange(): Promise<void>;
  /** Called when a check failed; it is repeated. */
  onFailure(error: unknown): void;
}

/**
 * Reports when another process writes to the database, until `signal` is aborted, with one statement a second for the
 * whole store. Changes of this process do not count. Ends at once for a store in memory, which has no other process.
 */
export async function watchChanges(
  db: Database,
  clock: Clock,
  signal: AbortSignal,
  listener: ChangesListener,
): Promise<void> {
  let known: number | null = null;
  for (; !signal.aborted; await sleep(clock, LOOK_EVERY_MS, signal)) {
    try {
      const version = await versionOf(db);
      if (version === null) return;
      if (known !== null && version !== known) await listener.onChange();
      known = version;
    } catch (err) {
      listener.onFailure(err);
    }
  }
}

/**
 * Returns a number that differs after another process wrote; null for a store in memory.
 * https://www.sqlite.org/pragma.html#pragma_data_version
 */
async function versionOf(db: Database): Promise<number | null> {
  if (isPostgres(db)) return readChangeVersion(db);
  const { rows } = await sql<{ version: number | null }>`
    select case when file <> '' then data_version end as version
    from pragma_data_version, pragma_database_list where name = 'main'`.execute(db);
  return rows[0]?.version ?? null;
}
