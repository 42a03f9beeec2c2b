import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreInUseError, StoreUnreadableError } from './store-errors.ts';

const SQLITE_BUSY = 5;

/**
 * Makes this process the only `lookout run` on a database file. The lock is an exclusive transaction on the empty file
 * `<file>-lock` beside the file itself, not beside a link to it, so the operating system itself lets go of it when the process dies, however it dies. The returned
 * function gives it back. Throws `StoreInUseError` while another process holds it.
 */
export function lockStore(file: string): () => void {
  let lock: DatabaseSync | undefined;
  try {
    const lockFile = `${realFile(file)}-lock`;
    lock = new DatabaseSync(lockFile, { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock?.close();
    if ((cause as { errcode?: unknown }).errcode === SQLITE_BUSY) throw new StoreInUseError(file, cause);
    throw new StoreUnreadableError(file, cause);
  }
  const held = lock;
  return () => held.close();
}

/** Where the database really is: two links to one file are one database. */
function realFile(file: string): string {
  return existsSync(file) ? realpathSync(file) : join(realpathSync(dirname(file)), basename(file));
}
