import { describe, expect, it } from 'vitest';
import type { Loss } from '../../../src/inputs/source/loss.ts';
import { Watchdog } from '../../../src/inputs/source/watchdog.ts';
import type { Clock } from '../../../src/time/clock.ts';
import { createTestClock } from '../../support/test-clock.ts';

function watched(clock: Clock) {
  const told: (Loss | 'stale' | 'revived')[] = [];
  const traffic = { bytes: 0 };
  const watchdog = new Watchdog(clock, {
    bytesRead: () => traffic.bytes,
    onStale: () => told.push('stale'),
    onRevived: () => told.push('revived'),
    onExpired: (loss) => told.push(loss),
  });
  watchdog.enter('live');
  return { watchdog, told, traffic };
}

describe('the watchdog', () => {
  it('does not blame the server when this process itself stood still for an hour', () => {
    let tick = () => {};
    const { watchdog, told } = watched({
      now: () => 0,
      wall: () => 0,
      sureSince: () => 0,
      boot: () => null,
      monotonic: () => 0,
      turn: () => Promise.resolve(),
      after: (_delayMs, callback) => {
        tick = callback;
        return () => {};
      },
    });
    // A timer that fires an hour late is one tick.
    for (let i = 0; i < 6; i++) tick();
    expect(told).toEqual([]);
    watchdog.stop();
  });

  it('accepts bytes of an arriving frame as a sign of life, for at most two minutes', async () => {
    const clock = createTestClock();
    const { told, traffic } = watched(clock);
    for (let second = 0; second < 119; second++) {
      traffic.bytes += 100_000;
      await clock.advance(1_000);
    }
    expect(told).toEqual([]);
    await clock.advance(1_000);
    expect(told).toEqual([{ kind: 'frozen', afterMs: 120_000 }]);
    expect(clock.pending).toBe(0);
  });

  it('ignores a few bytes, such as pings of a proxy', async () => {
    const clock = createTestClock();
    const { told, traffic } = watched(clock);
    for (let second = 0; second < 12; second++) {
      traffic.bytes += 127;
      await clock.advance(1_000);
    }
    expect(told).toEqual(['stale', { kind: 'frozen', afterMs: 12_000 }]);
  });

  it('reports stale and revived once each time', async () => {
    const clock = createTestClock();
    const { watchdog, told } = watched(clock);
    for (let round = 0; round < 2; round++) {
      await clock.advance(9_000);
      watchdog.frame();
      watchdog.frame();
    }
    expect(told).toEqual(['stale', 'revived', 'stale', 'revived']);
    watchdog.stop();
    expect(clock.pending).toBe(0);
  });
});
