import { postgresRemedy, reasonOf } from './postgres/errors.ts';
import { describeTrouble, troubleOf } from './trouble.ts';

/** A problem of the store that a person must fix. The message says what is wrong and what to do. */
export class StoreError extends Error {
  override readonly name: string = 'StoreError';
}

/** The database was written by a later version, whose tables this one would misread. */
export class NewerDatabaseError extends StoreError {
  override readonly name = 'NewerDatabaseError';

  constructor(file: string, unknownSteps: readonly string[]) {
    super(
      `${file} was written by a newer Lookout (it has ${unknownSteps.join(', ')}): ` +
        'update Lookout, or put the copy from before the update in its place, or name another file under `store:`; ' +
        'nothing was changed',
    );
  }
}

/** Another process works on this store. */
export class StoreInUseError extends StoreError {
  override readonly name = 'StoreInUseError';

  /**
   * @param holder of a file: the id of the process that uses it, null if unknown; of a database on a server: `machine:process`
   * @param more another possible cause, added to the advice
   */
  constructor(
    store: string,
    holder: number | string | null,
    { cause, more = '' }: { cause?: unknown; more?: string } = {},
  ) {
    const who = typeof holder === 'number' ? `another Lookout (process ${holder})` : (holder ?? 'another Lookout');
    const others =
      typeof holder === 'string' ? ', and all others on this store' : '; a second `lookout run` needs its own `store:`';
    super(`${store} is in use by ${who}: stop it first${others}${more}`, { cause });
  }
}

/** There is a write-ahead log without its database. SQLite would delete it. */
export class LeftoverWalError extends StoreError {
  override readonly name = 'LeftoverWalError';

  constructor(file: string) {
    super(
      `${file} is missing or empty, but ${file}-wal beside it holds the latest changes: put ${file} back, or move ` +
        `${file}-wal and ${file}-shm away as well to start with an empty database; nothing was changed`,
    );
  }
}

/** The file cannot be opened, read or written, or is not a database. */
export class StoreUnreadableError extends StoreError {
  override readonly name = 'StoreUnreadableError';

  constructor(file: string, cause: unknown) {
    const trouble = troubleOf(cause);
    const advice =
      postgresRemedy(cause) ??
      (trouble === null
        ? 'check that the folder exists and can be written, that the disk is not full, and that the file is a Lookout database'
        : describeTrouble(trouble, file));
    super(`${file} cannot be opened (${reasonOf(cause)}): ${advice}; nothing was changed`, { cause });
  }
}

/** Returns the error for the operator if the database refused something; any other error unchanged. */
export function asStoreError(file: string, error: unknown): unknown {
  return error instanceof StoreError || troubleOf(error) === null ? error : new StoreUnreadableError(file, error);
}
