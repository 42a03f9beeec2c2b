import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { FoundPlatform } from '../../config/extensions.ts';
import { excerpt } from '../../text/excerpt.ts';
import type { Platform } from '../platform.ts';
import { type AuthorKit, authorKit } from './author-kit.ts';

/** The members of a platform that cannot be missing, each with what it must be. */
const members = {
  name: 'string',
  title: 'string',
  settings: 'object',
  address: 'object',
  people: 'object',
  messageId: 'function',
  messageLink: 'function',
  answersAlone: 'boolean',
  counters: 'object',
  createAdapter: 'function',
} as const satisfies Partial<Record<keyof Platform, string>>;

/**
 * Loads a platform from another package, or from a file, by its name in the configuration: looked for from the folder of
 * the configuration, then from Lookout's own, where `npm install -g` puts it beside Lookout. Its default export is a
 * function that takes the kit and returns the platform. Never throws.
 */
export function loadPlatform(name: string, directory: string): FoundPlatform<Platform> {
  const problem = (wrong: string, right: string) => ({ outcome: 'problem', wrong, right }) as const;
  const shown = excerpt(name, 60);
  try {
    const found = resolved(name, directory);
    if (found === null)
      return problem(
        `there is no package "${shown}" in ${directory} or beside Lookout`,
        `install it: npm install ${shown}`,
      );
    const { default: define } = createRequire(found)(found) as { readonly default?: (kit: AuthorKit) => Platform };
    if (typeof define !== 'function')
      return problem(
        `"${shown}" is not an adapter for Lookout`,
        'its default export must be a function that returns a platform (docs/writing-an-adapter.md)',
      );
    const platform = define(authorKit);
    const [missing] = Object.entries(members).filter(([member, kind]) => typeof platform?.[member as 'name'] !== kind);
    if (missing !== undefined)
      return problem(`the platform of "${shown}" has no ${missing[1]} "${missing[0]}"`, 'update it, or Lookout');
    if ('name' in platform.settings.keys)
      return problem(`the platform of "${shown}" has a key "name", which is Lookout's own`, 'update it, or Lookout');
    return { outcome: 'found', platform };
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return problem(`"${shown}" cannot be loaded: ${excerpt(line, 200)}`, 'update or reinstall it');
  }
}

/** Returns the file that a name leads to; null if there is none. */
function resolved(name: string, directory: string): string | null {
  for (const from of [join(directory, 'config.yaml'), import.meta.url]) {
    try {
      return createRequire(from).resolve(name);
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  return null;
}
