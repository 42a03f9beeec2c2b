import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { earliestWall, type SavedClock, storeTime } from '../../../src/store/clock/store-time.ts';

const hour = 3_600_000;
const year = 365 * 24 * hour;
const noon = Date.UTC(2026, 5, 1, 12);
/** A store whose wall clock was never set, saved ten minutes after boot. */
const saved: SavedClock = { storeAt: noon, wallAt: noon, boot: { id: 'a', sinceMs: 600_000 }, sureSince: 0 };
const sameBoot = (ms: number) => ({ id: 'a', sinceMs: 600_000 + ms });
const nextBoot = { id: 'b', sinceMs: 30_000 };

describe('the time of a store', () => {
  it('begins as the wall clock', () => {
    expect(storeTime(null, { wallAt: noon, boot: nextBoot }, 0)).toEqual({ now: noon, sureSince: 0 });
  });

  it('begins at a time that is possible if the wall clock was not set yet', () => {
    expect(storeTime(null, { wallAt: 5_000, boot: null }, 0).now).toBe(earliestWall);
  });

  it('begins no earlier than what an older version stored', () => {
    expect(storeTime(null, { wallAt: noon - hour, boot: null }, noon).now).toBe(noon);
  });

  it.each([0, -hour, hour, -year, year])(
    'goes on by the time since boot, though the wall clock was set by %i ms while Lookout was down',
    (setMs) => {
      expect(storeTime(saved, { wallAt: noon + hour + setMs, boot: sameBoot(hour) }, 0).now).toBe(noon + hour);
    },
  );

  it('goes on by the wall clock after the machine was started again', () => {
    expect(storeTime(saved, { wallAt: noon + hour, boot: nextBoot }, 0)).toEqual({ now: noon + hour, sureSince: 0 });
    expect(storeTime({ ...saved, boot: null }, { wallAt: noon + hour, boot: null }, 0).now).toBe(noon + hour);
  });

  it('keeps its difference to a wall clock that was set before the machine was started again', () => {
    const behind = { ...saved, wallAt: noon + hour };
    expect(storeTime(behind, { wallAt: noon + 2 * hour, boot: nextBoot }, 0).now).toBe(noon + hour);
  });

  it('stands still, and knows it, while the wall clock says that no time or less than none passed', () => {
    expect(storeTime(saved, { wallAt: noon - year, boot: nextBoot }, 0)).toEqual({ now: noon, sureSince: noon });
  });

  it('takes a wall clock that another process read some milliseconds earlier for the same', () => {
    const after = (ms: number) => storeTime({ ...saved, boot: null }, { wallAt: noon + ms, boot: null }, 0);
    expect(after(-999)).toEqual({ now: noon, sureSince: 0 });
    expect(after(-1_000)).toEqual({ now: noon, sureSince: noon });
  });

  it('does not count the years by which a clock without a battery is corrected', () => {
    const early = { ...saved, storeAt: earliestWall, wallAt: 5_000 };
    expect(storeTime(early, { wallAt: noon, boot: nextBoot }, 0)).toEqual({
      now: earliestWall,
      sureSince: earliestWall,
    });
  });

  it('takes a container that was started again on the same machine for another run', () => {
    const restarted = { id: 'a', sinceMs: 1_000 };
    expect(storeTime(saved, { wallAt: noon + hour, boot: restarted }, 0).now).toBe(noon + hour);
  });

  it('is in doubt of what came before a suspension that only the wall clock shows', () => {
    const woken = storeTime(saved, { wallAt: noon + hour, boot: sameBoot(1_000) }, 0);
    expect(woken).toEqual({ now: noon + 1_000, sureSince: noon + 1_000 });
  });

  it('never goes back, whatever the clocks say, and never passes both of them', () => {
    const instant = fc.integer({ min: -year, max: 60 * year });
    const boot = fc.option(fc.record({ id: fc.constantFrom('a', 'b'), sinceMs: fc.integer({ min: 0, max: year }) }));
    fc.assert(
      fc.property(
        fc.record({ storeAt: instant, wallAt: instant, boot, sureSince: instant }),
        fc.record({ wallAt: instant, boot }),
        fc.integer({ min: 0, max: 60 * year }),
        (before, reading, floor) => {
          const { now, sureSince } = storeTime(before, reading, floor);
          expect(now).toBeGreaterThanOrEqual(Math.max(before.storeAt, floor));
          const byWall = Math.max(0, reading.wallAt - before.wallAt);
          const byBoot = Math.max(0, (reading.boot?.sinceMs ?? 0) - (before.boot?.sinceMs ?? 0));
          expect(now).toBeLessThanOrEqual(Math.max(floor, before.storeAt + Math.max(byWall, byBoot)));
          expect([before.sureSince, now]).toContain(sureSince);
        },
      ),
    );
  });
});
