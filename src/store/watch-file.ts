import { statSync } from 'node:fs';
import { sql } from 'kysely';
import type { Log } from '../log.ts';
import { type Clock, sleep } from '../time/clock.ts';
import type { Database } from './tables.ts';

/** How often the file is looked at, in milliseconds. */
const LOOK_EVERY_MS = 10_000;

/**
 * Says once that the database file was deleted or replaced while it is open: SQLite goes on with what nobody can find any
 * more, and all of it is gone at the end. Resolves then, when `signal` is aborted, and at once for a store in memory.
 */
export async function watchStoreFile(db: Database, clock: Clock, log: Log, signal: AbortSignal): Promise<void> {
  const { rows } = await sql<{ file: string }>`select file from pragma_database_list where name = 'main'`.execute(db);
  const file = rows[0]?.file ?? '';
  if (file === '') return;
  const opened = inodeOf(file);
  while (!signal.aborted) {
    await sleep(clock, LOOK_EVERY_MS, signal);
    if (signal.aborted || inodeOf(file) === opened) continue;
    log.error(
      { file },
      `the database ${file} was deleted or replaced while Lookout works with it: what is written from now on is lost ` +
        'at the end; put it back from a copy or leave it, and restart Lookout',
    );
    return;
  }
}

/** Null where there is no such file. */
function inodeOf(file: string): string | null {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}:${found.ino}`;
}
