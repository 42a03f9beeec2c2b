import { postgresTrouble, whenRefused, whenUnreachable } from './postgres/errors.ts';

/** A problem of a database that worked before, which a person must fix. */
export type Trouble =
  | ('full' | 'locked' | 'damaged' | 'readOnly' | 'unopened' | 'failing')
  // Of a server alone.
  | ('unreachable' | 'refused' | 'takenOver');

/** SQLite's primary result codes: https://www.sqlite.org/rescode.html#primary_result_code_list */
const troubles: ReadonlyMap<number, Trouble> = new Map([
  [5, 'locked'],
  [6, 'locked'],
  [8, 'readOnly'],
  [10, 'failing'],
  [11, 'damaged'],
  [13, 'full'],
  [14, 'unopened'],
  [26, 'damaged'],
]);

/** Returns SQLite's result code of an error from node:sqlite, with its extended part; null for other errors. */
export function resultCode(error: unknown): number | null {
  if (!(error instanceof Error)) return null;
  const { errcode } = error as { errcode?: unknown };
  return typeof errcode === 'number' ? errcode : null;
}

/** Returns the problem of the database behind an error; null if the database is not the cause. */
export function troubleOf(error: unknown): Trouble | null {
  if (!(error instanceof Error)) return null;
  const code = resultCode(error);
  return code === null ? postgresTrouble(error) : (troubles.get(code & 0xff) ?? null);
}

/** Describes a problem and its remedy. */
export function describeTrouble(trouble: Trouble, file: string): string {
  switch (trouble) {
    case 'full':
      return `there is no space for ${file}, the disk is full: free some space`;
    case 'locked':
      return `another program keeps ${file} locked: end it, or its transaction (a backup, or an open database shell)`;
    case 'damaged':
      return (
        `${file} is damaged, or is not a database: stop Lookout, keep a copy, and save what can be read with ` +
        `\`sqlite3 ${file} .recover | sqlite3 new.db\`; put new.db in its place, or start with an empty one, with ` +
        `${file}, ${file}-wal and ${file}-shm moved away`
      );
    case 'readOnly':
      return `${file} cannot be written: give the user of Lookout the right to write to it and to its folder`;
    case 'unopened':
      return `${file} or a file beside it cannot be created or opened: check that its folder exists, and that the user of Lookout may write to both`;
    case 'failing':
      return `the disk does not read or write ${file}: check if it is there, full or failing, and who may write to its folder`;
    case 'unreachable':
      return `${file} does not answer: ${whenUnreachable}`;
    case 'refused':
      return `${file} refuses this user: ${whenRefused}`;
    case 'takenOver':
      return `another process works on ${file}: this one stands by`;
    default:
      return trouble satisfies never;
  }
}
