import { expect, it } from 'vitest';
import { createPerMinuteLimit } from '../../src/time/per-minute-limit.ts';
import { createTestClock } from '../support/test-clock.ts';

it('allows its number of calls in any minute without needless waits, even if the clock is set', async () => {
  const clock = createTestClock();
  const limit = createPerMinuteLimit(3, clock);
  const given: number[] = [];
  const began = clock.monotonic();
  const ended = new AbortController();
  const taking = (async () => {
    while (!ended.signal.aborted) {
      await limit.take(ended.signal);
      if (!ended.signal.aborted) given.push((clock.monotonic() - began) / 1_000);
      if (given.length === 2) await new Promise<void>((resolve) => void clock.after(10_000, resolve));
    }
  })();
  await clock.advance(20_000);
  clock.set(-3_600_000);
  await clock.advance(130_000);
  expect(given).toEqual([0, 0, 10, 60, 60, 70, 120, 120, 130]);
  ended.abort();
  await taking;
});
