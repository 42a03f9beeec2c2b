import { expect, it } from 'vitest';
import { MigrateProgress } from '../../src/command-line/migrate-progress.ts';
import { createTerminal } from '../../src/command-line/terminal.ts';
import { createTestClock } from '../support/test-clock.ts';

function progressOn(kind: 'terminal' | 'file') {
  const clock = createTestClock();
  const written: string[] = [];
  const terminal = createTerminal({
    writeOut: () => undefined,
    writeErr: (text) => written.push(text),
    errIsTerminal: kind === 'terminal',
    outIsTerminal: kind === 'terminal',
    errColor: false,
    outColor: false,
    outColumns: null,
  });
  return { clock, written, progress: new MigrateProgress(terminal, clock) };
}

const copying = (rows: number) => ({ step: 'copying', table: 'events', rows, of: 2_000, share: rows / 4_000 }) as const;

it('draws one line on a terminal, and erases it at the end', () => {
  const { progress, written } = progressOn('terminal');
  progress.show(copying(1_000));
  progress.show(copying(1_001));
  progress.end();
  expect(written).toEqual(['\r\x1b[K25 % copied: events, 1,000 of 2,000 rows', '\r\x1b[K']);
});

it('writes a plain line every ten seconds elsewhere', async () => {
  const { progress, written, clock } = progressOn('file');
  progress.show(copying(1_000));
  await clock.advance(9_999);
  progress.show(copying(1_500));
  await clock.advance(1);
  progress.show(copying(2_000));
  progress.show({ step: 'completing' });
  progress.end();
  expect(written).toEqual([
    '25 % copied: events, 1,000 of 2,000 rows\n',
    '50 % copied: events, 2,000 of 2,000 rows\n',
    'making the indexes\n',
  ]);
});

it('keeps the line about an update above the one that changes', () => {
  const { progress, written } = progressOn('terminal');
  progress.show({ step: 'updated', schema: { before: '0001-outbox', now: '0030-event-columns' } });
  progress.show(copying(1));
  expect(written[0]).toMatch(/^its tables were of 0001-outbox and are now of 0030-event-columns.*\n$/);
  expect(written[1]).toMatch(/^\r/);
});
