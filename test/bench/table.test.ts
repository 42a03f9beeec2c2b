import { expect, it } from 'vitest';
import { type MeasuredFigure, type Run, withRows } from './measurements.ts';
import { rows } from './rows.ts';
import { pageTable, terminalTable } from './table.ts';

const latency = (value: number): MeasuredFigure => ({
  name: 'p50',
  what: 'event → request',
  unit: 'ms',
  better: 'less',
  value,
  floor: { what: 'a bare client', value: 1.5 },
  goal: { kind: 'above the floor by at most', value: 2 },
});
const memory: MeasuredFigure = {
  name: 'memory',
  what: 'memory',
  unit: 'MB',
  better: 'less',
  value: 1_234,
  floor: null,
};
const run: Run = {
  commit: '0123456789abcdef',
  date: '2026-12-01T10:00:00.000Z',
  machine: 'Node 26',
  load: 0.5,
  rows: {
    quiet: { outcome: 'measured', seconds: 3, figures: [latency(4.5), memory] },
    flood: { outcome: 'failed', seconds: 60, reason: 'did not end within 60 s; it was at: 12 of 5000 messages\nat …' },
  },
};

it('the page shows each figure with its floor, and the rows that failed', () => {
  expect(pageTable(run)).toBe(`2026-12-01, commit 0123456789, Node 26:

| | Lookout | floor | Lookout / floor |
| --- | ---: | ---: | ---: |
| event → request (floor: a bare client) | 4.50 ms | 1.50 ms | 3.00 |
| memory | 1,234 MB |  |  |
| \`flood\`: failed, did not end within 60 s; it was at: 12 of 5000 messages | | | |`);
});

it('rows that were measured since stand under the commit of their own', () => {
  const later = { ...run, commit: 'fedcba9876543210', date: '2026-12-02T10:00:00.000Z' };
  const { quiet, flood } = run.rows;
  const written = withRows(run, { ...later, rows: { wide: quiet!, gap: flood! } });
  // A row that failed takes no figure away.
  expect(Object.keys(written.rows)).toEqual(['quiet', 'flood', 'wide']);
  expect(pageTable(written).split('\n\n')).toEqual([
    ...pageTable(run).split('\n\n'),
    '2026-12-02, commit fedcba9876, Node 26:',
    expect.stringContaining('| memory | 1,234 MB |  |  |'),
  ]);
  expect(withRows(written, { ...run, rows: { quiet: quiet! } }).rows.quiet).toMatchObject({
    occasion: { commit: run.commit },
  });
});

it('the terminal says which figures are worse than half, and which miss their goal', () => {
  const text = terminalTable(run.rows, { quiet: { outcome: 'measured', seconds: 3, figures: [latency(2)] } });
  expect(text).toMatch(
    /event → request .* 3\.00 .* 1\.33 {2}WORSE THAN HALF, goal missed: at most 2 ms above the floor/,
  );
  expect(text).toMatch(/flood .*did not end within 60 s.* FAILED$/m);
});

it('every row of the bench can be put into the table', () => {
  const figure = { better: 'less', value: 1, floor: null } as const;
  for (const row of rows)
    for (const { name, what, unit } of row.figures('full')) {
      const measured = { outcome: 'measured', seconds: 1, figures: [{ ...figure, name, what, unit }] } as const;
      expect(
        pageTable({ ...run, rows: { [row.name]: measured } })
          .split('\n')
          .at(-1)
          ?.split('|'),
      ).toHaveLength(6);
    }
});
