import { expect, it } from 'vitest';
import { endOnFailure } from '../../src/command-line/end-on-failure.ts';
import type { Log } from '../../src/log.ts';
import { createTestClock } from '../support/test-clock.ts';
import { until } from '../support/until.ts';

it.each([
  [
    Object.assign(new Error('unreachable'), { name: 'RuntimeError' }),
    /^the encryption library failed in itself: ending\. Stored data is/,
  ],
  [new Error('a bug'), /^a failure that no part of Lookout has caught: ending\./],
])('ends the process with a clear line for %s', async (err, line) => {
  const lines: string[] = [];
  const codes: number[] = [];
  const log = { error: (_: unknown, text: string) => lines.push(text) } as unknown as Log;
  const clock = createTestClock();
  endOnFailure({ log, clock, flushed: async () => {}, exitNow: (code) => codes.push(code) })(err);
  await until(() => codes.length > 0);
  expect([lines, codes]).toEqual([[expect.stringMatching(line)], [1]]);
});

it('does not wait for output that no reader takes', async () => {
  const codes: number[] = [];
  const log = { error: () => {} } as unknown as Log;
  const clock = createTestClock();
  endOnFailure({ log, clock, flushed: () => new Promise(() => {}), exitNow: (code) => codes.push(code) })(
    new Error('x'),
  );
  expect(codes).toEqual([]);
  await clock.advance(1_000);
  await until(() => codes.length > 0);
  expect(codes).toEqual([1]);
});
