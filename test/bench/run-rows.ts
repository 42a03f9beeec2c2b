import { fileURLToPath } from 'node:url';
import { worseFigures } from './judge.ts';
import { type MeasuredRow, type MeasuredRows, measuredRow } from './measurements.ts';
import type { Mode, Row } from './row.ts';
import { runRow } from './row-process.ts';

/** Time limit of all rows together, s, three times what they take on a usual machine: a row that would begin later has failed. */
export const wholeSeconds: Readonly<Record<Mode, number>> = { quick: 720, full: 1_800 };

const program = fileURLToPath(new URL('./run-row.ts', import.meta.url));

export interface RunRowsOptions {
  readonly rows: readonly Row[];
  readonly mode: Mode;
  /** The same rows in the last release; a row that is worse is measured once more before it counts. */
  readonly released: MeasuredRows;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Measures one row after the other. */
export async function runRows({ rows, mode, released, say, signal }: RunRowsOptions): Promise<MeasuredRows> {
  const endsAt = performance.now() + wholeSeconds[mode] * 1_000;
  const measure = async (row: Row): Promise<MeasuredRow> => {
    const leftSeconds = Math.floor((endsAt - performance.now()) / 1_000);
    if (leftSeconds <= 0)
      return {
        outcome: 'failed',
        seconds: 0,
        reason: `did not begin: the rows before it took ${wholeSeconds[mode]} s; alone: npm run bench -- ${row.name}`,
      };
    const limitSeconds = Math.min(row.limitSeconds[mode], leftSeconds);
    return measuredRow(row, mode, await runRow({ command: [program, row.name, mode], limitSeconds, signal }));
  };
  const measured: Record<string, MeasuredRow> = {};
  for (const row of rows) {
    if (signal.aborted) break;
    const found = await measure(row);
    measured[row.name] = found;
    say(`${row.name}: ${found.outcome === 'measured' ? `${found.seconds.toFixed(1)} s` : found.reason}`);
  }
  for (const row of rows) {
    const found = measured[row.name];
    if (signal.aborted || found === undefined || worseFigures(found, released[row.name]).length === 0) continue;
    say(`${row.name}: worse than half of the last release; measured once more …`);
    measured[row.name] = better(found, await measure(row), released[row.name]);
  }
  return measured;
}

/** Returns the one of two measurements with fewer figures worse than in the last release. */
function better(first: MeasuredRow, second: MeasuredRow, released: MeasuredRow | undefined): MeasuredRow {
  if (second.outcome === 'failed') return first;
  return worseFigures(second, released).length < worseFigures(first, released).length ? second : first;
}
