import { expect, it } from 'vitest';
import { warnOfUselessExceptions } from '../../src/config/check-exceptions.ts';
import type { RoomConfig } from '../../src/config/config.ts';
import { good, read } from './config-files.ts';

const config = read(good).config!;
const room: RoomConfig = { ...config.rooms[0]!, quiet: [] };
const rule = {
  ...{ fromMinute: 1320, toMinute: 420, days: ['mon' as const], timeZone: 'UTC', events: null },
  except: 'posts#deleted',
};
const top = { kind: 'map', offset: 0, entries: new Map() } as unknown as Parameters<typeof warnOfUselessExceptions>[1];

/** Returns how often the rooms of subscriptions are read to check these rooms, and the warnings. */
function check(rooms: readonly RoomConfig[]) {
  let reads = 0;
  const warnings: string[] = [];
  const subscriptions = ['console:a', 'console:b'].map((address) => ({
    ...config.subscriptions[0]!,
    get rooms() {
      reads++;
      return [address];
    },
  }));
  const report = { warning: (_: number, wrong: string) => void warnings.push(wrong) } as unknown as Parameters<
    typeof warnOfUselessExceptions
  >[0]['report'];
  warnOfUselessExceptions({ report }, top, { rooms, subscriptions, catalogue: config.catalogue });
  return { reads, warnings };
}

it('rooms whose quiet hours have no exception cost nothing', () => {
  const quiet = { ...room, address: 'console:b', quiet: [{ ...rule, except: null }] };
  expect(check([room, quiet])).toEqual({ reads: 0, warnings: [] });
});

it('the subscriptions are read once for all rooms whose quiet hours have exceptions', () => {
  const rooms = ['a', 'b', 'c'].map((name) => ({ ...room, name, address: `console:${name}`, quiet: [rule] }));
  const { reads, warnings } = check(rooms);
  expect(reads).toBe(2);
  expect(warnings).toHaveLength(2);
  expect(warnings[0]).toMatch(/^no subscription of a asks for posts#deleted/);
});
