import type { SchemaChange } from '../store/migrations.ts';

/** Returns the first line of the log: which version runs on which store, and whether it changed the store's tables. */
export function startLine(version: string, file: string, { before, now }: SchemaChange): string {
  const store = file === ':memory:' ? 'a store in memory, which keeps nothing' : `the store ${file}`;
  const change = before === null ? 'new, ' : before === now ? '' : `brought up to date from ${before}, `;
  return `Lookout ${version} starts with ${store} (${change}migration ${now})`;
}
