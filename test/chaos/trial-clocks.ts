import { renameSync, writeFileSync } from 'node:fs';
import { type Clock, systemClock } from '../../src/time/clock.ts';
import { createFastClock, leapMs, passingLeaps } from './fast-clock.ts';

/** The clocks of a trial: that of Lookout, and that of Discord. */
export interface TrialClocks {
  /** Discord's clock: as fast as Lookout's, but never set. Its timers are those of the real clock. */
  readonly discord: Clock;
  /**
   * Lets time pass for all clocks, more than Discord remembers a nonce, while Lookout is down. Returns the amount, ms;
   * 0 the second time.
   */
  letTimePass(): number;
  /** Sets Lookout's clock back by a leap, or right again. With a store of its own clock nothing may depend on it. */
  setLookout(to: 'back' | 'right'): void;
  /** Ends the trial: no clock is set any more. */
  stop(): void;
}

/** Creates the clocks. `file`: where Lookout reads the number of leaps by which its clock is set. */
export function createTrialClocks(epoch: number, file: string): TrialClocks {
  let passed = 0;
  // Never ahead: rows are fetched by the time at the source, which does not know times some minutes ahead.
  let set = 0;
  let isOver = false;
  const tell = () => {
    if (isOver) return;
    writeFileSync(`${file}.new`, String(passed + set));
    renameSync(`${file}.new`, file);
  };
  tell();
  return {
    discord: { ...systemClock, now: createFastClock(epoch, () => passed).wall },
    letTimePass() {
      // Only once: a clock set back by the same amount would make old sends look young, without a way to notice.
      const leaps = passingLeaps - passed;
      passed = passingLeaps;
      tell();
      return leaps * leapMs;
    },
    setLookout(to) {
      set = to === 'back' ? -1 : 0;
      tell();
    },
    stop() {
      isOver = true;
    },
  };
}
