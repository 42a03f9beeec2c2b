/** What a human must fix about the store: the message says what is wrong and what to do. */
export class StoreError extends Error {
  override readonly name: string = 'StoreError';
}

/** The database was written by a later version, whose tables this one would misread. */
export class NewerDatabaseError extends StoreError {
  override readonly name = 'NewerDatabaseError';

  constructor(file: string, unknownSteps: readonly string[]) {
    super(
      `${file} was written by a newer Lookout (it has ${unknownSteps.join(', ')}): ` +
        'update Lookout, or name another file under `store:`; nothing was changed',
    );
  }
}

/** Another `lookout run` works on this file. */
export class StoreInUseError extends StoreError {
  override readonly name = 'StoreInUseError';

  /** @param holder the id of the process that works on it; null where it is not known */
  constructor(file: string, holder: number | null, cause: unknown) {
    const who = `another \`lookout run\`${holder === null ? '' : ` (process ${holder})`}`;
    super(`${file} is in use by ${who}: stop that one first, or give this one its own \`store:\``, { cause });
  }
}

/** The file cannot be opened or is no database. */
export class StoreUnreadableError extends StoreError {
  override readonly name = 'StoreUnreadableError';

  constructor(file: string, cause: unknown) {
    const what = cause instanceof Error ? cause.message : String(cause);
    super(
      `${file} cannot be opened (${what}): check that the folder exists and can be written, that the disk is not full, ` +
        'and that the file is a Lookout database; nothing was changed',
      { cause },
    );
  }
}
