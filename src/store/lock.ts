import { randomInt } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makePrivate } from './private-file.ts';
import { StoreInUseError, StoreUnreadableError } from './store-errors.ts';
import type { Database } from './tables.ts';
import { resultCode } from './trouble.ts';

const SQLITE_BUSY = 5;
/** Offset of SQLite's user version: 4 bytes, big endian. https://www.sqlite.org/fileformat2.html#the_database_header */
const USER_VERSION_AT = 60;
/**
 * Time to wait until other processes release a database that is to be read, ms. Blocking is acceptable, because nothing
 * else runs yet.
 */
const READING_MS = 5_000;
/** The same for a `lookout outbox` that has it open, ms. */
const CLOSING_MS = 1_000;
/**
 * Limit of the token. It is stored in the lock file as SQLite's application id, here a positive 32-bit number:
 * https://www.sqlite.org/pragma.html#pragma_application_id
 */
const MOST_TOKENS = 2 ** 31;

/** The entry in the database of the `lookout run` that uses it. */
interface Registered {
  /** The token in that process's lock file. */
  readonly token: number;
  readonly process: number;
}

interface Held {
  readonly lock: DatabaseSync;
  /** The database as named in the configuration. */
  readonly file: string;
  readonly lockFile: string;
  readonly own: Registered;
  /** The entry in the database when the lock was taken; null: none. */
  readonly seen: Registered | null;
}

/** The right to be the only `lookout run` on a database. */
export interface StoreLock {
  /**
   * Registers this process in the database itself. Throws `StoreInUseError` if another process has registered since the
   * lock was taken.
   */
  register(db: Database): Promise<void>;
  /** Removes the entry of this process. */
  strikeOff(db: Database): Promise<void>;
  /** Releases the lock. */
  release(): void;
}

/**
 * Makes this process the only `lookout run` on a database file. Throws `StoreInUseError` if there is another.
 *
 * 1. The lock is an exclusive transaction on the empty file `<file>-lock`, beside the file itself, not beside a link to
 * it. The operating system releases it when the process dies, however it dies.
 * 2. That file can be removed while it is locked, and the next process would then lock a new one. Therefore the token
 * in the lock file is also stored in the database. A process that has locked the file with the stored token knows that
 * its owner is dead. If the tokens differ (the lock file was removed, or the database was copied or moved), the owner
 * may be alive: then it has the database open, and SQLite grants no other process an exclusive lock on it.
 */
export function lockStore(file: string): StoreLock {
  let lock: DatabaseSync | undefined;
  try {
    const real = realFile(file);
    const lockFile = `${real}-lock`;
    makePrivate(lockFile);
    lock = new DatabaseSync(lockFile, { timeout: 0 });
    const before = lockedToken(lock, file, lockFile);
    const registered = readRegistered(real);
    if (registered !== null && registered.token !== before && isOpenElsewhere(real))
      throw new StoreInUseError(file, registered.process, { more: lockFileGone(lockFile) });
    const token = randomInt(1, MOST_TOKENS);
    lock.exec(`PRAGMA application_id = ${token}; PRAGMA user_version = ${process.pid}`);
    return heldLock({ lock, file, lockFile, own: { token, process: process.pid }, seen: registered });
  } catch (cause) {
    if (lock?.isOpen) lock.close();
    throw cause instanceof StoreInUseError ? cause : new StoreUnreadableError(file, cause);
  }
}

/** The lock files of this process. Opening and closing one again would end the lock (POSIX). */
const ours = new Set<string>();

/** Locks the lock file and returns the token that its last owner left in it; 0 if there was none. */
function lockedToken(lock: DatabaseSync, file: string, lockFile: string): number {
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF');
    // In exclusive locking mode the lock stays after the transaction:
    // https://www.sqlite.org/pragma.html#pragma_locking_mode
    lock.exec('BEGIN EXCLUSIVE; COMMIT');
  } catch (cause) {
    if (resultCode(cause) !== SQLITE_BUSY) throw cause;
    throw new StoreInUseError(file, ours.has(lockFile) ? process.pid : holderOf(lockFile), { cause });
  }
  return Number(lock.prepare('PRAGMA application_id').get()?.application_id ?? 0);
}

/** Returns the process id in a lock file that cannot be read as a database now, or null if it has none. */
function holderOf(lockFile: string): number | null {
  const bytes = Buffer.alloc(4);
  try {
    const descriptor = openSync(lockFile, 'r');
    readSync(descriptor, bytes, 0, bytes.length, USER_VERSION_AT);
    closeSync(descriptor);
  } catch {
    return null; // The id is only used in the text of an error.
  }
  return bytes.readUInt32BE() || null;
}

/** Describes the other possible cause, for the case in which only the open database reveals a process. */
function lockFileGone(lockFile: string): string {
  return `; ${lockFile} was removed or replaced: if that process is gone, end whatever else has the database open`;
}

/**
 * Returns the registered process, or null. Also null if the database cannot be read; opening it then reports the
 * reason.
 */
function readRegistered(real: string): Registered | null {
  // SQLite would delete the write-ahead log beside an empty file.
  if ((statSync(real, { throwIfNoEntry: false })?.size ?? 0) === 0) return null;
  try {
    return using(real, READING_MS, (database) => {
      const row = database.prepare('select token, process from run_lock').get();
      return row === undefined ? null : { token: Number(row.token), process: Number(row.process) };
    });
  } catch {
    return null;
  }
}

/** Returns true if another connection has the database open: every connection holds a shared lock on it. */
function isOpenElsewhere(real: string): boolean {
  try {
    using(real, CLOSING_MS, (database) => database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK'));
    return false;
  } catch (err) {
    return resultCode(err) === SQLITE_BUSY;
  }
}

function using<R>(real: string, timeout: number, work: (database: DatabaseSync) => R): R {
  const database = new DatabaseSync(real, { timeout });
  try {
    return work(database);
  } finally {
    database.close();
  }
}

function heldLock({ lock, file, lockFile, own, seen }: Held): StoreLock {
  ours.add(lockFile);
  return {
    async register(db) {
      await db.transaction().execute(async (trx) => {
        const row = await trx.selectFrom('run_lock').selectAll().executeTakeFirst();
        if (row !== undefined && row.token !== seen?.token) throw new StoreInUseError(file, row.process);
        await trx.deleteFrom('run_lock').execute();
        await trx.insertInto('run_lock').values(own).execute();
      });
    },
    async strikeOff(db) {
      await db.deleteFrom('run_lock').where('token', '=', own.token).execute();
    },
    release() {
      ours.delete(lockFile);
      lock.close();
    },
  };
}

/** Returns the real path, so that two links to one file are one database. */
function realFile(file: string): string {
  return existsSync(file) ? realpathSync(file) : join(realpathSync(dirname(file)), basename(file));
}
