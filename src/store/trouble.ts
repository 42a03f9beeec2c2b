/** What may be wrong with a database that worked a moment ago, and is for a human to mend. */
export type Trouble = 'full' | 'locked' | 'damaged' | 'readOnly' | 'unopened' | 'failing';

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

/** SQLite's result code of what node:sqlite threw, with what it says beyond the primary code; null for every other error. */
export function resultCode(error: unknown): number | null {
  if (!(error instanceof Error)) return null;
  const { errcode } = error as { errcode?: unknown };
  return typeof errcode === 'number' ? errcode : null;
}

/** What an error says of the database; null for one that is not the database's fault. */
export function troubleOf(error: unknown): Trouble | null {
  const code = resultCode(error);
  return code === null ? null : (troubles.get(code & 0xff) ?? null);
}

/** What is wrong, and what to do about it. */
export function describeTrouble(trouble: Trouble, file: string): string {
  switch (trouble) {
    case 'full':
      return `there is no room for ${file}, the disk is full: make room on it`;
    case 'locked':
      return `another program keeps ${file} locked: end it, or its transaction (a backup, or a \`sqlite3\` that somebody left open)`;
    case 'damaged':
      return (
        `${file} is damaged, or no database: stop Lookout, keep a copy, and save what can be read with ` +
        `\`sqlite3 ${file} .recover | sqlite3 new.db\`; put new.db in its place, or begin with an empty one, with ` +
        `${file}, ${file}-wal and ${file}-shm moved away`
      );
    case 'readOnly':
      return `${file} cannot be written: give the user that Lookout runs as the right to write it, and its folder`;
    case 'unopened':
      return `${file} or what belongs to it cannot be made or opened: see that its folder is there, and that the user that Lookout runs as may write to both`;
    case 'failing':
      return `the disk does not read or write ${file}: see whether it is there, full or failing, and who may write to its folder`;
    default:
      return trouble satisfies never;
  }
}
