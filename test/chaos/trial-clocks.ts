import { renameSync, writeFileSync } from 'node:fs';
import { type Clock, systemClock } from '../../src/time/clock.ts';
import { createFastClock, leapMs } from './fast-clock.ts';

/** So much time passes at once, in leaps. */
const passing = 2;

/** What the clocks of a trial show: Lookout's, and Discord's beside it. */
export interface TrialClocks {
  /** Discord's: as fast as Lookout's, but never set. Its timers are those of the real clock. */
  readonly discord: Clock;
  /**
   * Time passes for everybody, longer than Discord remembers a nonce: for while Lookout is down. Gives how much,
   * in milliseconds; 0 the second time.
   */
  letTimePass(): number;
  /** Sets Lookout's clock back by a leap, or right again. */
  setLookout(to: 'back' | 'right'): void;
  /** The trial is over: nothing is set any more. */
  stop(): void;
}

/** `file`: where Lookout reads by how many leaps its clock is set. */
export function createTrialClocks(epoch: number, file: string): TrialClocks {
  let passed = 0;
  // Never ahead: rows are fetched by the time at the source, of which a clock that is ahead by more than minutes knows nothing.
  let set = 0;
  let isOver = false;
  const tell = () => {
    if (isOver) return;
    writeFileSync(`${file}.new`, String(passed + set));
    renameSync(`${file}.new`, file);
  };
  tell();
  return {
    discord: { ...systemClock, now: createFastClock(epoch, () => passed).now },
    letTimePass() {
      // Once: a clock that is set back by as much would make old sends look young, and nobody could know.
      const leaps = passing - passed;
      passed = passing;
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
