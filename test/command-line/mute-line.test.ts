import { expect, it } from 'vitest';
import { muteLine } from '../../src/command-line/mute-line.ts';
import { createMute } from '../../src/commands/mute.ts';
import { readLine } from '../../src/commands/read-line.ts';

const table = [createMute({} as never)];
const values = (line: string | null) => {
  const read = readLine(line ?? '', table);
  return read.outcome === 'ok' ? read.values : read;
};

it.each([
  [[], {}, {}],
  [['posts'], { for: '2h', reason: 'a "wave"' }, { events: 'posts', time: 'for 2h', reason: 'a "wave"' }],
  [['posts', 'for', '2h'], {}, { events: 'posts', time: 'for 2h' }],
  [['posts', 'spam wave'], { until: '18:00' }, { events: 'posts', time: 'until 18:00 "spam wave"' }],
  [['posts#create; flags'], { for: '1h' }, { events: 'posts#create; flags', time: 'for 1h' }],
  [['posts'], { where: `object.title == "a\\b"` }, { events: 'posts', where: `object.title == "a\\b"` }],
  [[], { for: '8h', except: 'posts#deleted' }, { time: 'for 8h', except: 'posts#deleted' }],
])('the words %j with %j are read in the room as %j', (words, options, expected) => {
  expect(values(muteLine(words, options))).toEqual(expected);
});

it('two times are not a line', () => {
  expect(muteLine([], { for: '2h', until: '18:00' })).toBeNull();
});
