import { expect, it } from 'vitest';
import { startLine } from '../../src/app/start-line.ts';

it.each([
  [{ before: null, now: '0002-b' }, 'Lookout 1.2.3 starts with the store a.db (new, migration 0002-b)'],
  [{ before: '0002-b', now: '0002-b' }, 'Lookout 1.2.3 starts with the store a.db (migration 0002-b)'],
  [
    { before: '0001-a', now: '0002-b' },
    'Lookout 1.2.3 starts with the store a.db (brought up to date from 0001-a, migration 0002-b)',
  ],
])('names the version, the store and its migration: %o', (schema, line) => {
  expect(startLine('1.2.3', 'a.db', schema)).toBe(line);
});

it('says that a store in memory keeps nothing', () => {
  expect(startLine('1.2.3', ':memory:', { before: null, now: '0002-b' })).toContain(
    'a store in memory, which keeps nothing',
  );
});
