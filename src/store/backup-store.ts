import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makePrivate } from './private-file.ts';
import { StoreError, StoreUnreadableError } from './store-errors.ts';

/** Time to wait for a lock of the running Lookout, ms. */
const PATIENCE_MS = 30_000;

/**
 * Copies a database as it is at one instant, also while Lookout runs, and checks the copy. Nothing is migrated, so a newer
 * Lookout can copy the database of an older one. Returns the size of the copy, bytes. Throws a `StoreError`.
 *
 * `VACUUM INTO` reads in one transaction, and writers go on; SQLite's own backup begins anew at each of their changes.
 * https://www.sqlite.org/lang_vacuum.html#vacuum_with_an_into_clause
 */
export function backUpStore(file: string, copy: string): number {
  if (!existsSync(file))
    throw new StoreError(`${file} does not exist yet: \`lookout run\` creates it at its first start`);
  if (existsSync(copy)) throw new StoreError(`${copy} is there already: name a new file, or remove it`);
  if (!existsSync(dirname(copy)))
    throw new StoreError(`the folder of ${copy} is not there: make it: mkdir -p ${dirname(copy)}`);
  const part = `${copy}.part`;
  rmSync(part, { force: true });
  makePrivate(part);
  try {
    inDatabase(file, (database) => database.prepare('vacuum into ?').run(part));
    const [problem] = inDatabase(part, (database) => database.prepare('pragma quick_check(1)').all());
    if (problem?.quick_check !== 'ok') throw new StoreError(`${file} is damaged: ${problem?.quick_check}`);
    flush(part);
    renameSync(part, copy);
    flush(dirname(copy));
    return statSync(copy).size;
  } catch (cause) {
    rmSync(part, { force: true });
    throw cause instanceof StoreError ? cause : new StoreUnreadableError(file, cause);
  }
}

function inDatabase<T>(file: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(file, { readOnly: true, timeout: PATIENCE_MS });
  try {
    return work(database);
  } finally {
    database.close();
  }
}

/** Makes sure that a file, or the names in a folder, are on the disk. */
function flush(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
