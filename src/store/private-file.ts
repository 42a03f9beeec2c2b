import { chmodSync, closeSync, fchmodSync, openSync, statSync } from 'node:fs';

/** Its owner alone may read and write it. */
const PRIVATE = 0o600;

/**
 * Makes an empty file that its owner alone may read and write, whatever the umask says. SQLite gives the files beside a database the
 * rights of the database itself: https://github.com/sqlite/sqlite/blob/version-3.50.0/src/os_unix.c (findCreateFileMode).
 * A file that is there is made private by its path alone: to open and close it here would end the locks that SQLite has on it.
 * Never throws: SQLite then says in its own words what is wrong with the place.
 */
export function makePrivate(file: string): void {
  try {
    const descriptor = openSync(file, 'wx', PRIVATE);
    fchmodSync(descriptor, PRIVATE);
    closeSync(descriptor);
  } catch {
    keepPrivate(file);
  }
}

/** Takes a file that others may read or write from them, if it is there and ours: an earlier Lookout made them so. */
export function keepPrivate(file: string): void {
  try {
    const stats = statSync(file);
    if (stats.isFile() && (stats.mode & 0o077) !== 0) chmodSync(file, PRIVATE);
  } catch {
    // It is not there, another user's, or on a disk that knows no rights.
  }
}
