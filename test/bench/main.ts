/**
 * `npm run bench [-- quiet|burst|ingestion]`: what Lookout adds to what the platform costs anyway. Each row stands beside
 * its floor, measured in the same run on the same machine, so that a slow machine does not look like a slow Lookout.
 */
import { cpus } from 'node:os';
import { measureBurst } from './burst.ts';
import { measureIngestion } from './ingestion.ts';
import { measureQuiet } from './quiet.ts';

const quietEvents = 1_000;
const burstEvents = 5_000;
const burstRooms = 2;
const ingestedEvents = 20_000;

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
const asked = (name: string) => wanted.length === 0 || wanted.includes(name);
const started = performance.now();

if (asked('quiet')) {
  process.stderr.write(`quiet: ${quietEvents} events, one at a time …\n`);
  const { lookout, floor, memoryMb } = await measureQuiet(quietEvents);
  row('event on the socket → request at the platform, quiet, p50', lookout.p50, floor.p50, 'ms', 2);
  row('event on the socket → request at the platform, quiet, p99', lookout.p99, floor.p99, 'ms', 2);
  rows.push([`memory after ${quietEvents} events`, `${memoryMb} MB`, '', '']);
}
if (asked('burst')) {
  process.stderr.write(`burst: ${burstEvents} events to ${burstRooms} rooms …\n`);
  const { lookout, floor, memoryMb } = await measureBurst(burstEvents, burstRooms);
  row(`${burstEvents} events to ${burstRooms} rooms, unlimited: messages`, lookout, floor, '/s', 0);
  rows.push([`memory after ${burstEvents} events at once`, `${memoryMb} MB`, '', '']);
}
if (asked('ingestion')) {
  process.stderr.write(`ingestion: ${ingestedEvents} events …\n`);
  const { lookout, floor } = await measureIngestion(ingestedEvents);
  row('ingestion alone: committed events', lookout, floor, '/s', 0);
}

const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
for (const cells of rows)
  console.log(
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  );
console.log(
  `\nNode ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? '?'}, ${((performance.now() - started) / 1000).toFixed(0)} s`,
);
