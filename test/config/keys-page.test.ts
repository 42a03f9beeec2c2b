import { expect, it } from 'vitest';
import { keysPage } from './keys-page.ts';

it('has the units, bounds and defaults of the keys', () => {
  const page = keysPage();
  expect(page).toContain('| `source.backfill.max_age` | duration, 1m to 30d | 24h | ');
  expect(page).toContain('| `source.payload_limit` | size, 1KiB to 1GiB | 64MiB | ');
  expect(page).toContain('| `rooms.<name>.waves.digest_above` | whole number, 1 to 1000000 | 60 | ');
  expect(page).toContain('| `subscriptions[].events` | text | *required* | ');
});

it('says of every key what kind of value it takes and what it means', () => {
  const rows = keysPage()
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(rows.length).toBeGreaterThan(60);
  expect(rows.filter((line) => /^\| `[^`]+` \| +\||\| *\|$/.test(line))).toEqual([]);
});
