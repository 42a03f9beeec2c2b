import { DatabaseSync } from 'node:sqlite';
import { StoreInUseError, StoreUnreadableError } from './store-errors.ts';

const SQLITE_BUSY = 5;

/**
 * Makes this process the only `lookout run` on a database file. The lock is an exclusive transaction on the empty file
 * `<file>-lock`, so the operating system itself lets go of it when the process dies, however it dies. The returned
 * function gives it back. Throws `StoreInUseError` while another process holds it.
 */
export function lockStore(file: string): () => void {
  const lockFile = `${file}-lock`;
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(lockFile, { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock?.close();
    if ((cause as { errcode?: unknown }).errcode === SQLITE_BUSY) throw new StoreInUseError(file, cause);
    throw new StoreUnreadableError(lockFile, cause);
  }
  const held = lock;
  return () => held.close();
}
