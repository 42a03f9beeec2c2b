import { dirname, resolve } from 'node:path';
import type { StoreConfig } from '../config/config.ts';
import type { Context } from '../config/context.ts';
import { withEnvironmentFile } from '../config/environment-file.ts';
import { createLines } from '../config/lines.ts';
import { readStore } from '../config/read-store.ts';
import { readYaml } from '../config/read-yaml.ts';
import { createReport } from '../config/report.ts';
import type { Environment } from '../config/substitute.ts';
import { getMap, getText, type Mapping } from '../config/tree.ts';
import { maxConfigBytes, readTextFile } from '../text/read-text-file.ts';
import { extensions } from './extensions.ts';

/**
 * Finds the store of a configuration for a command that needs nothing else, so that it works without the tokens of
 * `run`. Returns null if anything is doubtful; the whole configuration is then read and reports the problem.
 */
export function findStore(file: string, given: Environment): StoreConfig | null {
  const read = readTextFile(file, maxConfigBytes);
  if (read.outcome === 'unreadable') return null;
  const { environment } = withEnvironmentFile(file, given);
  const lines = createLines(read.text);
  const report = createReport(file, lines);
  const tree = readYaml(read.text, { lines, environment: filled(read.text, environment), report, platforms: [] });
  if (tree?.kind !== 'map' || report.problems.length > 0 || !isClear(tree, environment)) return null;
  // Reads no rooms, and drops the problems.
  const context: Context = {
    report,
    platforms: [],
    inputs: extensions.inputs,
    directory: dirname(resolve(file)),
    isReadableByOthers: false,
    isLasting: true,
    secrets: [],
  };
  const store = readStore(context, tree);
  return report.problems.length > 0 ? null : store;
}

/** Returns the environment, with a stand-in for every variable in the text that is not set: by its name, empty by default. */
export function filled(text: string, environment: Environment, standIn = (_: string) => ''): Environment {
  return { ...Object.fromEntries(unsetIn(text, environment).map((name) => [name, standIn(name)])), ...environment };
}

/** Returns the names of the variables in the text that are not set. */
export function unsetIn(text: string, environment: Environment): readonly string[] {
  const names = [...text.matchAll(/\$\{([A-Za-z_]\w*)\}/g)].map(([, name]) => name!);
  return [...new Set(names)].filter((name) => environment[name] === undefined);
}

const storeKeys = new Set(['url', 'keep', 'password', 'password_file']);

/** Returns true if `store:` can be read alone and its variables are set. */
function isClear(top: Mapping, environment: Environment): boolean {
  if (!top.entries.has('store')) return true;
  const map = getMap(top, 'store');
  const known = map === null || [...map.entries.keys()].every((key) => storeKeys.has(key));
  const texts = map === null ? [getText(top, 'store')] : [...map.entries.keys()].map((key) => getText(map, key));
  return known && texts.every((text) => text?.variables.every(({ name }) => environment[name] !== undefined) ?? false);
}
