import { existsSync, type FSWatcher, watch } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ownFolders } from '../config/template-folders.ts';
import { shippedTemplates } from '../render/load-templates.ts';
import { systemClock } from '../time/clock.ts';
import type { CommandLine } from './command-line.ts';

/** Time in which several changes are one, ms: an editor writes a file in steps. */
const GATHER_MS = 100;

export interface WatchFilesOptions {
  /** The configuration; the templates beside it are watched, too. */
  readonly config: string;
  /** A file of events; null or `-`: none. */
  readonly events: string | null;
  /** Called at each change, one call after the other. */
  readonly again: () => Promise<unknown>;
  readonly line: Pick<CommandLine, 'onSignal' | 'terminal'>;
}

/** Calls back when one of the files changes. Resolves at Ctrl-C. */
export async function watchFiles({ config, events, again, line }: WatchFilesOptions): Promise<void> {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  let cancel = () => {};
  let working: Promise<unknown> = Promise.resolve();
  const changed = (name: string) => {
    cancel();
    cancel = systemClock.after(GATHER_MS, () => {
      line.terminal.err(`${name} changed\n`);
      working = working.then(again);
    });
  };
  const folder = dirname(resolve(config));
  const watchers: FSWatcher[] = [];
  const watched = new Set<string>();
  // A folder is watched, not a file: an editor may put a new file in its place.
  const watchFolder = (path: string, counts: (name: string) => boolean) => {
    if (!existsSync(path)) return;
    watched.add(path);
    const onChange = (_: string, name: string | null) => name !== null && counts(name) && changed(name);
    watchers.push(watch(path, onChange));
  };
  const isTemplate = (name: string) => name.endsWith('.hbs');
  const templates = new Set([...ownFolders.map((name) => join(folder, name)), shippedTemplates]);
  watchFolder(folder, (name) => {
    // The first template of one's own may come in a new folder.
    const isNew = ownFolders.includes(name) && !watched.has(join(folder, name)) && existsSync(join(folder, name));
    if (isNew) watchFolder(join(folder, name), isTemplate);
    return isNew || name === basename(config);
  });
  for (const each of templates) watchFolder(each, isTemplate);
  if (events !== null && events !== '-') watchFolder(dirname(resolve(events)), (name) => name === basename(events));
  line.onSignal(stop);
  line.terminal.err('waiting for changes; Ctrl-C ends it\n');
  await stopped;
  cancel();
  for (const watcher of watchers) watcher.close();
  await working;
}
