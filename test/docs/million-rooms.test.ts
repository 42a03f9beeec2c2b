import { expect, it } from 'vitest';
import type { MeasuredRow } from '../bench/measurements.ts';
import { rows } from '../bench/rows.ts';
import { millionRooms } from './million-rooms.ts';

/** Measures every figure of a row as 2, and its floor as 1. */
const measured = (name: string): MeasuredRow => ({
  outcome: 'measured',
  seconds: 1,
  figures: rows
    .find((row) => row.name === name)!
    .figures('full')
    .map(({ floor, ...figure }) => ({ ...figure, value: 2, floor: floor === null ? null : { what: floor, value: 1 } })),
});
const names = ['ingestion-postgres', 'postgres', 'processes', 'idle-postgres'];
const all = Object.fromEntries(names.map((name) => [name, measured(name)]));

it('a million rooms are reckoned from the costs of an event, a message and an idle room', () => {
  const text = millionRooms(all);
  // 160 reports a day for each of a million rooms.
  expect(text).toContain('1,852 a second: 3.7 cores of Lookout, 3.7 cores of PostgreSQL');
  expect(text).toContain('926 machines like this one');
  expect(text).toContain('0 kB of memory');
  expect(text).toContain('38 bots, and the last room has a report after 9 minutes');
});

it.each(names)('without the row %s nothing is reckoned', (name) => {
  expect(millionRooms({ ...all, [name]: { outcome: 'failed', seconds: 1, reason: 'its limit' } })).toMatch(
    /^Not measured yet/,
  );
});
