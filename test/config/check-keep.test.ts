import { expect, it } from 'vitest';
import { read } from './config-files.ts';

const rest = 'subscriptions: [{ events: posts, rooms: "console:x" }]\n';
const api = 'api: "https://metasmoke.example.org/api"';
const config = (source: string, store: string) => read(`source: { url: demo, ${source} }\nstore: ${store}\n${rest}`);

it.each([
  [`${api}, backfill: { max_age: 24h }`, '{ url: memory, keep: 30d }'],
  [api, '{ url: memory, keep: 25h }'],
  [`${api}, backfill: { max_age: 45m }`, '{ url: memory, keep: 1h }'],
  [`${api}, backfill: { max_age: 29d }`, 'memory'],
  // Nothing is fetched.
  ['name: x', '{ url: memory, keep: 1h }'],
])('what is fetched is known still: source: { %s }, store: %s', (source, store) => {
  expect(config(source, store).said).toEqual([]);
});

it.each([
  [
    api,
    '{ url: memory, keep: 12h }',
    '2:29: store.keep (12h) is too short for source.backfill.max_age (24h): after a gap, what was let go would be shown a second time: write keep: 25h, or a shorter max_age',
  ],
  [
    `${api}, backfill: { max_age: 50m }`,
    '{ url: memory, keep: 1h }',
    '2:29: store.keep (1h) is too short for source.backfill.max_age (50m): after a gap, what was let go would be shown a second time: write keep: 2h, or a shorter max_age',
  ],
  [
    `${api}, backfill: { max_age: 7d }`,
    '{ url: memory, keep: 7d }',
    '2:29: store.keep (7d) is too short for source.backfill.max_age (7d): after a gap, what was let go would be shown a second time: write keep: 8d, or a shorter max_age',
  ],
  [
    `${api}, backfill: { max_age: 30d }`,
    'memory',
    '1:85: store.keep (30d) is too short for source.backfill.max_age (30d): after a gap, what was let go would be shown a second time: write max_age: 29d, or a longer keep',
  ],
])('what is fetched would be shown twice: source: { %s }, store: %s', (source, store, problem) => {
  const { config: loaded, said } = config(source, store);
  expect(loaded).toBeNull();
  expect(said).toEqual([problem]);
  // The line that it says to write is right.
  const [, key = '', value = ''] = /write (keep|max_age): (\w+)/.exec(problem) ?? [];
  const repaired =
    key === 'keep'
      ? [source, store.replace(/keep: \w+/, `keep: ${value}`)]
      : [source.replace(/max_age: \w+/, `max_age: ${value}`), store];
  expect(config(repaired[0] ?? '', repaired[1] ?? '').said).toEqual([]);
});

it('a variable in it is not shown', () => {
  const { said } = read(`source: { url: demo, ${api} }\nstore: { url: memory, keep: "\${KEEP}" }\n${rest}`, {
    environment: { KEEP: '7h' },
  });
  expect(said).toHaveLength(1);
  expect(said[0]).not.toContain('7h');
});
