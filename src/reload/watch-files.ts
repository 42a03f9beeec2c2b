import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ownFolders } from '../config/template-folders.ts';
import { type Clock, sleep } from '../time/clock.ts';

/** Interval between two looks at the files, ms. A file that is still the same after it is written to its end. */
const LOOK_MS = 1_000;

export interface WatchFilesOptions {
  /** The configuration's file. Templates are in folders beside it. */
  readonly file: string;
  /** Returns false while changes do not count. */
  readonly isOn: () => boolean;
  /**
   * Called after a change of a file, when it has been the same for a moment; also once at the beginning, because a file
   * may have changed since it was read.
   */
  readonly onChange: () => void;
  readonly clock: Clock;
}

/** Looks at the configuration and its templates until the signal is aborted. Polls, because not every file system reports changes. */
export async function watchFiles(
  { file, isOn, onChange, clock }: WatchFilesOptions,
  signal: AbortSignal,
): Promise<void> {
  let known: string | null = null;
  let last: string | null = null;
  for (; !signal.aborted; await sleep(clock, LOOK_MS, signal)) {
    const seen = await stateOf(file);
    // It is also looked at while changes do not count, so that none is missed right after they do.
    if (!isOn()) known = seen;
    // It changed, and is not being written any more.
    if (seen !== known && seen === last) {
      known = seen;
      onChange();
    }
    last = seen;
  }
}

/**
 * Returns a text that is another one after any change of the files: of the mode and the owner, too, since a file that could
 * not be read may be readable now, and of a file that is written anew with its old time.
 */
async function stateOf(file: string): Promise<string> {
  const folders = ownFolders.map((folder) => join(dirname(file), folder));
  const files = [file, ...(await Promise.all(folders.map(templatesIn))).flat()];
  return (await Promise.all(files.map(async (one) => `${one} ${await changeOf(one)}`))).join('\n');
}

async function templatesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  const templates = names.filter((name) => name.endsWith('.hbs')).sort();
  return templates.map((name) => join(folder, name));
}

async function changeOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch {
    return 'not there';
  }
}
