import { afterEach, beforeEach, expect, it } from 'vitest';
import type { QuietRule } from '../../src/config/config.ts';
import { silentLog } from '../../src/log.ts';
import { quietAt } from '../../src/rooms/quiet-periods.ts';
import { type ConfiguredQuiet, createQuietRules, type QuietRules } from '../../src/rooms/quiet-rules.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { weekdays } from '../../src/time/quiet-hours.ts';

const hourMs = 3_600_000;
const rule = (from: number, to: number): QuietRule => ({
  ...{ fromMinute: from * 60, toMinute: to * 60, days: weekdays, timeZone: 'UTC', events: null, except: null },
});

let store: Store;
let configured: ConfiguredQuiet;
let rules: QuietRules;

beforeEach(async () => {
  store = await openStore(':memory:');
  configured = { quiet: new Map([[1, [rule(22, 7)]]]), timeZones: new Map() };
  rules = createQuietRules({ db: store.db, isOurs: null, configured: () => configured, log: silentLog });
});
afterEach(() => store.close());

async function add(roomId: number): Promise<void> {
  const quiet = { hours: '12:00-13:00', days: 'mon-fri', timeZone: null, events: null, except: null, author: 'x' };
  await store.db.transaction().execute((trx) => rules.add(trx, { roomId, ...quiet, now: 0 }));
  await rules.load();
}

it('the quiet hours of a room stay the same array when those of another room change', async () => {
  await add(2);
  const [first, second] = [rules.ofRoom(1), rules.ofRoom(2)];
  await add(3);
  expect(rules.ofRoom(3)).toHaveLength(1);
  expect(rules.ofRoom(1)).toBe(first);
  expect(rules.ofRoom(2)).toBe(second);
  configured = { quiet: new Map([...configured.quiet, [4, [rule(1, 2)]]]), timeZones: new Map() };
  expect(rules.ofRoom(4)).toHaveLength(1);
  expect(rules.ofRoom(1)).toBe(first);
  expect(rules.ofRoom(2)).toBe(second);
});

it('the quiet hours of a room are others when its own or its time zone change', async () => {
  await add(1);
  const before = rules.ofRoom(1);
  expect(before.map(({ timeZone }) => timeZone)).toEqual(['UTC', 'UTC']);
  configured = { ...configured, timeZones: new Map([[1, 'Europe/Berlin']]) };
  expect(rules.ofRoom(1).map(({ timeZone }) => timeZone)).toEqual(['UTC', 'Europe/Berlin']);
  configured = { ...configured, quiet: new Map([[1, [rule(22, 8)]]]) };
  expect(rules.ofRoom(1)[0]).toMatchObject({ toMinute: 480 });
});

it('the periods of rooms with the same rules are computed once in a look', () => {
  const at = Date.UTC(2026, 0, 2, 3);
  const find = quietAt(at);
  const [ofFile, stored] = [rule(22, 7), { ...rule(22, 7), stored: { id: 1, author: 'x' } }];
  expect(find([stored])).toBe(find([ofFile]));
  expect(find([ofFile])).toMatchObject({ periods: [{ until: at + 4 * hourMs }], changesAt: at + 4 * hourMs });
  for (const other of [
    { ...ofFile, toMinute: 8 * 60 },
    { ...ofFile, fromMinute: 21 * 60 },
    { ...ofFile, days: weekdays.slice(1) },
    { ...ofFile, timeZone: 'Europe/Berlin' },
    { ...ofFile, events: 'posts' },
    { ...ofFile, except: 'posts' },
  ])
    expect(find([other])).not.toBe(find([ofFile]));
});
