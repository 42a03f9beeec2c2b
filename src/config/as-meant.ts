import { nearest } from '../text/nearest.ts';
import { type Key, knownKeys } from './key.ts';
import type { Entry, Path, Tree } from './tree.ts';

/**
 * Returns a configuration in which each misspelt key has the name that is suggested for it, unless that one is there, too.
 * What is read from it has no mistakes that only follow from the spelling, such as rooms that are unknown below `roms:`.
 */
export function asMeant(tree: Tree, config: Key, path: Path = []): Tree {
  switch (tree.kind) {
    case 'map': {
      const known = knownKeys(config, path);
      const entries = new Map<string, Entry>();
      for (const [key, entry] of tree.entries) {
        const meant = known.includes(key) ? null : nearest(key, known);
        const name = meant === null || tree.entries.has(meant) || entries.has(meant) ? key : meant;
        entries.set(name, { ...entry, value: asMeant(entry.value, config, [...path, name]) });
      }
      return { ...tree, entries };
    }
    case 'list':
      return { ...tree, items: tree.items.map((item, at) => asMeant(item, config, [...path, at])) };
    default:
      return tree;
  }
}
