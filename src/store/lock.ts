import { closeSync, existsSync, openSync, readSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreInUseError, StoreUnreadableError } from './store-errors.ts';

const SQLITE_BUSY = 5;
/** Where SQLite keeps the user version: 4 bytes, big endian. https://www.sqlite.org/fileformat2.html#the_database_header */
const USER_VERSION_AT = 60;

/** The lock files of this process: to open and close one once more would end the lock (POSIX). */
const ours = new Set<string>();

/**
 * Makes this process the only `lookout run` on a database file. The lock is an exclusive transaction on the empty file
 * `<file>-lock` beside the file itself, not beside a link to it, so the operating system itself lets go of it when the process dies, however it dies. The user
 * version of that file is the process's id, for whoever finds it locked. The returned function gives the lock back. Throws `StoreInUseError` while another process holds it.
 */
export function lockStore(file: string): () => void {
  let lock: DatabaseSync | undefined;
  let lockFile = '';
  try {
    lockFile = `${realFile(file)}-lock`;
    lock = new DatabaseSync(lockFile, { timeout: 0 });
    lock.exec(`PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA user_version = ${process.pid}`);
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock?.close();
    if ((cause as { errcode?: unknown }).errcode === SQLITE_BUSY)
      throw new StoreInUseError(file, ours.has(lockFile) ? process.pid : holderOf(lockFile), cause);
    throw new StoreUnreadableError(file, cause);
  }
  const held = lock;
  ours.add(lockFile);
  return () => {
    ours.delete(lockFile);
    held.close();
  };
}

/** The process that wrote its id into a lock file which cannot be read as a database now; null where there is none. */
function holderOf(lockFile: string): number | null {
  const bytes = Buffer.alloc(4);
  try {
    const descriptor = openSync(lockFile, 'r');
    readSync(descriptor, bytes, 0, bytes.length, USER_VERSION_AT);
    closeSync(descriptor);
  } catch {
    return null; // It is only for the text of an error.
  }
  return bytes.readUInt32BE() || null;
}

/** Where the database really is: two links to one file are one database. */
function realFile(file: string): string {
  return existsSync(file) ? realpathSync(file) : join(realpathSync(dirname(file)), basename(file));
}
