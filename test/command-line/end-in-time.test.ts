import { expect, it } from 'vitest';
import { EndInTime } from '../../src/command-line/end-in-time.ts';
import { silentLog } from '../../src/log.ts';
import { createTestClock } from '../support/test-clock.ts';

function start(flushed: Promise<void> = Promise.resolve()) {
  const clock = createTestClock();
  const exits: number[] = [];
  const end = new EndInTime({ exitNow: (code) => exits.push(code), flushed: () => flushed, clock, log: silentLog });
  return { clock, exits, end };
}

it('a signal begins the end, the same one half a second later changes nothing, and another one ends at once', async () => {
  const { clock, exits, end } = start();
  end.signalled();
  await clock.advance(400);
  end.signalled();
  expect([end.signal.aborted, exits]).toEqual([true, []]);
  await clock.advance(200);
  end.signalled();
  expect(exits).toEqual([0]);
});

it('ends two seconds after the first signal if something hangs, and not if all has stopped', async () => {
  const { clock, exits, end } = start();
  end.signalled();
  end.begin(1);
  await clock.advance(2_000);
  expect(exits).toEqual([0]);
  const other = start();
  other.end.begin(1);
  other.end.stopped();
  await other.clock.advance(10_000);
  expect([other.exits, other.end.signal.aborted]).toEqual([[], false]);
});

it('does not wait longer than a quarter of a second for a reader that takes nothing', async () => {
  const { clock, exits, end } = start(new Promise(() => {}));
  const flushed = end.flush(1);
  await clock.advance(250);
  await flushed;
  expect(exits).toEqual([1]);
});
