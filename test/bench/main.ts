/**
 * `npm run bench [-- quiet|burst|ingestion|commands|backlog|gap|wave|cards] [matrix|discord]`: what Lookout adds to what the platform costs anyway. Each row stands beside
 * its floor, measured in the same run on the same machine, so that a slow machine does not look like a slow Lookout.
 */
import { cpus } from 'node:os';
import { measureBacklog } from './backlog.ts';
import { measureBurst } from './burst.ts';
import { measureCards } from './cards.ts';
import { measureCommands, measureLoading } from './commands.ts';
import { measureGap } from './gap.ts';
import { measureIngestion } from './ingestion.ts';
import { platformNames, platforms } from './platforms.ts';
import { measureQuiet } from './quiet.ts';
import { measureWave } from './wave.ts';

const quietEvents = 1_000;
const burstEvents = 5_000;
const burstRooms = 2;
/** How long a burst lasts where an account may send so and so many messages a second, in seconds. */
const limitedBurstSeconds = 20;
const ingestedEvents = 20_000;
const storedSubscriptions = 1_000;
const loadedSubscriptions = 10_000;
const asks = 200;
const waitingDeliveries = 100_000;
const missedRows = 400;
const cardPosts = 100;
const openSubjects = 10_000;
const cardEvents = 2_000;

// What was started ends with us, also after Ctrl-C.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const rows: string[][] = [['', 'Lookout', 'floor', 'Lookout / floor']];
const row = (what: string, lookout: number, floor: number, unit: string, digits: number) =>
  rows.push([
    what,
    `${lookout.toFixed(digits)} ${unit}`,
    `${floor.toFixed(digits)} ${unit}`,
    (lookout / floor).toFixed(2),
  ]);

const wanted = process.argv.slice(2);
/** Whether one of a kind was named, or none of its kind at all. */
const asked = (name: string, among: readonly string[]) =>
  wanted.includes(name) || !wanted.some((each) => among.includes(each));
const measures = ['quiet', 'burst', 'ingestion', 'commands', 'backlog', 'gap', 'wave', 'cards'];
const chosen = platformNames.filter((name) => asked(name, platformNames)).map((name) => platforms[name]);
const started = performance.now();

for (const platform of asked('quiet', measures) ? chosen : []) {
  process.stderr.write(`quiet, ${platform.title}: ${quietEvents} events, one at a time …\n`);
  const { lookout, floor, memoryMb } = await measureQuiet(platform, quietEvents);
  row(`${platform.title}: event on the socket → request at the platform, quiet, p50`, lookout.p50, floor.p50, 'ms', 2);
  row(`${platform.title}: event on the socket → request at the platform, quiet, p99`, lookout.p99, floor.p99, 'ms', 2);
  rows.push([`${platform.title}: memory after ${quietEvents} events`, `${memoryMb} MB`, '', '']);
}
for (const platform of asked('burst', measures) ? chosen : []) {
  const events = Math.min(burstEvents, (platform.perSecond * limitedBurstSeconds) / burstRooms);
  const limit = Number.isFinite(platform.perSecond) ? `at ${platform.perSecond} a second at most` : 'unlimited';
  process.stderr.write(`burst, ${platform.title}: ${events} events to ${burstRooms} rooms, ${limit} …\n`);
  const { lookout, floor, memoryMb } = await measureBurst(platform, events, burstRooms);
  row(`${platform.title}: ${events} events to ${burstRooms} rooms, ${limit}: messages`, lookout, floor, '/s', 0);
  rows.push([`${platform.title}: memory after ${events} events at once`, `${memoryMb} MB`, '', '']);
}
if (asked('ingestion', measures)) {
  process.stderr.write(`ingestion: ${ingestedEvents} events …\n`);
  const { lookout, floor } = await measureIngestion(ingestedEvents);
  row('ingestion alone: committed events', lookout, floor, '/s', 0);
}
for (const { name, title } of asked('commands', measures) ? chosen : []) {
  process.stderr.write(`commands, ${title}: ${asks}, with ${storedSubscriptions} subscriptions stored …\n`);
  const { lookout, floor } = await measureCommands(name, storedSubscriptions, asks);
  row(`${title}: subscribe with ${storedSubscriptions} stored → answer shown, p50`, lookout, floor, 'ms', 1);
}
if (asked('commands', measures)) {
  const { lookout, floor } = await measureLoading(loadedSubscriptions);
  row(`${loadedSubscriptions} stored subscriptions: read and compiled`, lookout, floor, 'ms', 0);
}
if (asked('backlog', measures)) {
  process.stderr.write(`backlog: ${waitingDeliveries} deliveries waiting …\n`);
  const { growthMb, pickMs, floorMs } = await measureBacklog(waitingDeliveries);
  row(
    `${waitingDeliveries} deliveries waiting: the next send is picked, median (floor: one waiting)`,
    pickMs,
    floorMs,
    'ms',
    2,
  );
  rows.push([`${waitingDeliveries} deliveries waiting: memory grew by`, `${growthMb.toFixed(0)} MB`, '', '']);
}
if (asked('gap', measures)) {
  process.stderr.write(`gap: ${missedRows} rows …\n`);
  rows.push([
    `a gap of an hour, ${missedRows} rows: back in the store after`,
    `${(await measureGap(missedRows)).toFixed(1)} s`,
    '',
    '',
  ]);
}
if (asked('wave', measures)) {
  process.stderr.write('wave: 266 reports in 60 s, real limits …\n');
  for (const { platform, first, current, messages, oneByOne } of await measureWave()) {
    rows.push([`${platform}: 266 reports in 60 s: first message after`, `${first.toFixed(2)} s`, '', '']);
    rows.push([
      `${platform}: the room is current after the last event (floor: one message an event would take) in ${messages} messages`,
      `${current.toFixed(1)} s`,
      `${oneByOne.toFixed(0)} s`,
      (current / oneByOne).toFixed(3),
    ]);
  }
}

if (asked('cards', measures)) {
  process.stderr.write(`cards: ${cardPosts} edited, ${openSubjects} open …\n`);
  const { editMs, floorMs, eventMs, eventFloorMs, growthMb } = await measureCards(cardPosts, openSubjects, cardEvents);
  row(
    'a vote → the card’s edit taken, less the second that is gathered, p50 (floor: a new message)',
    editMs,
    floorMs,
    'ms',
    1,
  );
  row(
    `an event with ${openSubjects} open cards, written and folded, p50 (floor: one open)`,
    eventMs,
    eventFloorMs,
    'ms',
    2,
  );
  rows.push([`${openSubjects} open cards: memory grew by`, `${growthMb.toFixed(0)} MB`, '', '']);
}

const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
for (const cells of rows)
  console.log(
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  );
console.log(
  `\nNode ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? '?'}, ${((performance.now() - started) / 1000).toFixed(0)} s`,
);
