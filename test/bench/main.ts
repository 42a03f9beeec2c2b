/**
 * `npm run bench`: measures the cost of Lookout and that of the same job with nothing in between, in the same run on
 * the same machine, so that a slow machine does not look like a slow Lookout. For the rest see `npm run bench --
 * --help`.
 */

import { writePages } from '../docs/generated.ts';
import { readArguments, type Wish } from './arguments.ts';
import { missesGoal, worseFigures } from './judge.ts';
import { type Measurements, type Run, readMeasurements, withRows, writeMeasurements } from './measurements.ts';
import { measureMove } from './move.ts';
import { busyWarning, occasion } from './occasion.ts';
import type { Mode, Row } from './row.ts';
import { rows } from './rows.ts';
import { runRows, wholeSeconds } from './run-rows.ts';
import { soak } from './soak.ts';
import { terminalTable } from './table.ts';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
const { signal } = stopping;
const interrupted = 130;

function help(): string {
  const widths = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.flatMap((row) => {
    const [first, ...more] = row.figures('full').map(({ what }) => what);
    const limits = `${row.limitSeconds.full} s, quick ${row.limitSeconds.quick} s`;
    return [
      `  ${row.name.padEnd(widths)}  ${first} (limit: ${limits})`,
      ...more.map((what) => `  ${''.padEnd(widths)}  ${what}`),
    ];
  });
  return `npm run bench [-- [--quick] [--write] [row or group …]]
  measures all rows, or those named, each in a process of its own, and compares them with docs/measurements.json, the last release.
  Exits 1 if a row failed (at its limit, with an error, or worse than half of the last release).

  --quick    every row, small: ${wholeSeconds.quick / 60} minutes at most in place of ${wholeSeconds.full / 60}
  --write    writes docs/measurements.json, full and quick (with --quick: quick alone), and the table in docs/measurements.md;
             of the rows that are named, if any are, and the others stay as they are
  soak [--minutes 60]
             ten events a second with cards; prints the memory each minute and how it grows
  move [--events 1000000]
             moves a store with so many events to PostgreSQL and back; prints the time and the memory

Rows:
${lines.join('\n')}`;
}

/** Measures in one mode, prints the table, and returns the measurements and the verdict. */
async function measure(chosen: readonly Row[], mode: Mode): Promise<{ readonly run: Run; readonly isGood: boolean }> {
  const started = performance.now();
  const released = readMeasurements()[mode]?.rows ?? {};
  const say = (line: string) => console.error(line);
  const when = occasion(new Date());
  const warning = busyWarning(when);
  if (warning !== null) say(warning);
  const measured = await runRows({ rows: chosen, mode, released, say, signal });
  if (signal.aborted) process.exit(interrupted);
  console.log(terminalTable(measured, released));
  const all = Object.entries(measured);
  const failed = all.filter(([, row]) => row.outcome === 'failed').map(([name]) => name);
  const worse = all.filter(([name, row]) => worseFigures(row, released[name]).length > 0).map(([name]) => name);
  const figures = all.flatMap(([, row]) => (row.outcome === 'measured' ? row.figures : []));
  const list = (names: readonly string[]) => (names.length === 0 ? '' : ` (${names.join(', ')})`);
  const { machine, commit } = when;
  console.log(
    `\n${mode}: ${all.length} rows, ${failed.length} failed${list(failed)}, ${worse.length} worse than half of the last release${list(worse)}, ${figures.filter(missesGoal).length} goals missed; ${((performance.now() - started) / 1_000).toFixed(0)} s\n${machine}, commit ${commit ?? 'unknown'}${warning === null ? '' : `\n${warning}`}`,
  );
  return { run: { ...when, rows: measured }, isGood: failed.length + worse.length === 0 };
}

async function measureAll({ rows: chosen, mode, writes }: Extract<Wish, { kind: 'measure' }>): Promise<number> {
  const modes: readonly Mode[] = writes && mode === 'full' ? ['full', 'quick'] : [mode];
  let isGood = true;
  let written: Measurements = {};
  for (const each of modes) {
    const found = await measure(chosen, each);
    isGood &&= found.isGood;
    const before = chosen.length < rows.length ? readMeasurements()[each] : undefined;
    written = { ...written, [each]: before === undefined ? found.run : withRows(before, found.run) };
  }
  if (writes) {
    writeMeasurements(written);
    writePages();
    console.log('written: docs/measurements.json and the table in docs/measurements.md');
  }
  return isGood ? 0 : 1;
}

async function run(wish: Wish): Promise<number> {
  switch (wish.kind) {
    case 'help':
      console.log(help());
      return 0;
    case 'soak':
      await soak({ minutes: wish.minutes, say: (line) => console.log(line), signal });
      return signal.aborted ? interrupted : 0;
    case 'move':
      await measureMove({ events: wish.events, say: (line) => console.log(line), signal });
      return 0;
    case 'measure':
      return measureAll(wish);
    case 'wrong':
      console.error(`${wish.text}\nnpm run bench -- --help lists all there is`);
      return 2;
    default:
      return wish satisfies never;
  }
}

process.exit(await run(readArguments(process.argv.slice(2), rows, process.env)));
