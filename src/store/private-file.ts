import { chmodSync, closeSync, fchmodSync, openSync, statSync } from 'node:fs';

/** Mode of a file that only its owner may read and write. */
const PRIVATE = 0o600;

/**
 * Creates an empty file that only its owner may read and write, whatever the umask. SQLite gives the files beside a
 * database the mode of the database: https://github.com/sqlite/sqlite/blob/version-3.50.0/src/os_unix.c
 * (findCreateFileMode). An existing file is changed by its path, because opening and closing it here would end SQLite's
 * locks on it. Never throws: SQLite then reports the problem itself.
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

/** Removes the rights of others from an existing file of ours; an earlier version of Lookout created such files. */
export function keepPrivate(file: string): void {
  try {
    const stats = statSync(file);
    if (stats.isFile() && (stats.mode & 0o077) !== 0) chmodSync(file, PRIVATE);
  } catch {
    // The file does not exist, belongs to another user, or is on a disk without access rights.
  }
}
