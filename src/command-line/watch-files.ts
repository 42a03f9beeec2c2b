import { existsSync, type FSWatcher, watch } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
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
  // A folder is watched, not a file: an editor may put a new file in its place.
  const watchFolder = (path: string, counts: (name: string) => boolean) => {
    if (!existsSync(path)) return;
    const onChange = (_: string, name: string | null) => name !== null && counts(name) && changed(name);
    watchers.push(watch(path, onChange));
  };
  const isTemplate = (name: string) => name.endsWith('.hbs');
  watchFolder(folder, (name) => name === basename(config));
  for (const templates of new Set([join(folder, 'templates'), shippedTemplates])) watchFolder(templates, isTemplate);
  if (events !== null && events !== '-') watchFolder(dirname(resolve(events)), (name) => name === basename(events));
  line.onSignal(stop);
  line.terminal.err('waiting for changes; Ctrl-C ends it\n');
  await stopped;
  cancel();
  for (const watcher of watchers) watcher.close();
  await working;
}
