import { missesGoal, worseFigures } from './judge.ts';
import type { MeasuredFigure, MeasuredRow, MeasuredRows, Occasion, Run } from './measurements.ts';

/** Formats a number with three significant digits: 0.123, 1.23, 12.3, 123, 1,234. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  const digits = size < 1 ? 3 : size < 10 ? 2 : size < 100 ? 1 : 0;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function formatValue(value: number, { unit }: MeasuredFigure): string {
  if (unit === 'slope') return value.toFixed(2);
  return unit === '/s' ? `${formatNumber(value)}/s` : `${formatNumber(value)} ${unit}`;
}

/** Returns `figure`'s value, that of its floor, and the ratio of the two. */
function cellsOf(figure: MeasuredFigure): readonly [string, string, string] {
  const { value, floor } = figure;
  if (floor === null) return [formatValue(value, figure), '', ''];
  return [formatValue(value, figure), formatValue(floor.value, figure), (value / floor.value).toFixed(2)];
}

function goalText({ goal, unit }: MeasuredFigure): string {
  if (goal === undefined) return '';
  if (goal.kind === 'of the floor at least') return `at least ${goal.value} of the floor`;
  const value = unit === 'slope' ? String(goal.value) : `${goal.value.toLocaleString('en-US')} ${unit}`;
  return goal.kind === 'above the floor by at most' ? `at most ${value} above the floor` : `${goal.kind} ${value}`;
}

const firstLine = (text: string) => text.split('\n')[0] ?? '';

/** Returns one row for the terminal, one line per figure. `released`: the row in the last release. */
export function terminalLines(
  name: string,
  row: MeasuredRow,
  released: MeasuredRow | undefined,
): readonly (readonly string[])[] {
  if (row.outcome === 'failed') return [[name, firstLine(row.reason), '', '', '', 'FAILED']];
  const worse = worseFigures(row, released);
  const before = (figure: string) =>
    released?.outcome === 'measured' ? released.figures.find((each) => each.name === figure) : undefined;
  return row.figures.map((figure) => {
    const then = before(figure.name);
    const notes = [
      ...(worse.includes(figure) ? ['WORSE THAN HALF'] : []),
      ...(missesGoal(figure) ? [`goal missed: ${goalText(figure)}`] : []),
    ];
    const [value = '', , ratio = ''] = then === undefined ? [] : cellsOf(then);
    return [name, figure.what, ...cellsOf(figure), ratio || value, notes.join(', ')];
  });
}

const head = ['row', 'what is measured', 'Lookout', 'floor', 'Lookout / floor', 'last release', ''];

/** Returns all rows in columns. */
export function terminalTable(rows: MeasuredRows, released: MeasuredRows): string {
  const lines = [head, ...Object.entries(rows).flatMap(([name, row]) => terminalLines(name, row, released[name]))];
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const isText = (column: number) => column < 2 || column === head.length - 1;
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const cell = (text: string) => text.replaceAll('|', '\\|');

function pageLines([name, row]: readonly [string, MeasuredRow]): readonly string[] {
  if (row.outcome === 'failed') return [`| \`${name}\`: failed, ${cell(firstLine(row.reason))} | | | |`];
  return row.figures.map((figure) => {
    const floor = figure.floor === null ? '' : ` (floor: ${figure.floor.what})`;
    return `| ${cell(figure.what + floor)} | ${cellsOf(figure).join(' | ')} |`;
  });
}

/** Returns the tables of `docs/measurements.md`: the full run of the last release, and rows that were measured since. */
export function pageTable({ rows, ...whole }: Run): string {
  const occasionOf = ([, row]: readonly [string, MeasuredRow]): Occasion =>
    row.outcome === 'measured' ? (row.occasion ?? whole) : whole;
  const byOccasion = Map.groupBy(Object.entries(rows), (row) => {
    const { commit, date, machine } = occasionOf(row);
    return `${date.slice(0, 10)}, commit ${commit?.slice(0, 10) ?? 'unknown'}, ${machine}:`;
  });
  return [...byOccasion]
    .flatMap(([occasion, ofOne]) => {
      const failedLast = ofOne.toSorted(
        ([, a], [, b]) => Number(a.outcome === 'failed') - Number(b.outcome === 'failed'),
      );
      return [
        '',
        occasion,
        '',
        '| | Lookout | floor | Lookout / floor |',
        '| --- | ---: | ---: | ---: |',
        ...failedLast.flatMap(pageLines),
      ];
    })
    .slice(1)
    .join('\n');
}
