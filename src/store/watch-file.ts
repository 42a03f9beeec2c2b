import { statSync } from 'node:fs';
import { sql } from 'kysely';
import type { Log } from '../log.ts';
import { type Clock, sleep } from '../time/clock.ts';
import { isPostgres } from './migrations/migration.ts';
import type { Database } from './tables.ts';

/** Interval between two checks of the file, ms. */
const LOOK_EVERY_MS = 10_000;

/**
 * Logs an error once if the database file is deleted or replaced while it is open: SQLite then continues with a file
 * that has no name and is lost at the end. Resolves after that, when `signal` is aborted, and at once for a store in
 * memory or on a server.
 */
export async function watchStoreFile(db: Database, clock: Clock, log: Log, signal: AbortSignal): Promise<void> {
  if (isPostgres(db)) return;
  const { rows } = await sql<{ file: string }>`select file from pragma_database_list where name = 'main'`.execute(db);
  const file = rows[0]?.file ?? '';
  if (file === '') return;
  const opened = inodeOf(file);
  while (!signal.aborted) {
    await sleep(clock, LOOK_EVERY_MS, signal);
    if (signal.aborted || inodeOf(file) === opened) continue;
    log.error(
      { file },
      `the database ${file} was deleted or replaced while Lookout uses it: everything written from now on is lost ` +
        'when Lookout stops; restore the file from a copy or leave it, and restart Lookout',
    );
    return;
  }
}

/** Returns the inode, or null if the file does not exist. */
function inodeOf(file: string): string | null {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}:${found.ino}`;
}
