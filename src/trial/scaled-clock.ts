import { type Clock, systemClock } from '../time/clock.ts';

/** A clock that stands until it is told to go. */
export interface ScaledClock extends Clock {
  go(): void;
}

/** Creates a clock that shows `start` (Unix milliseconds), and then runs `speed` times as fast as `real`. */
export function createScaledClock(start: number, speed: number, real: Clock = systemClock): ScaledClock {
  let begun: number | null = null;
  const passedMs = () => (begun === null ? 0 : (real.monotonic() - begun) * speed);
  return {
    go() {
      begun ??= real.monotonic();
    },
    now: () => Math.round(start + passedMs()),
    wall: () => Math.round(start + passedMs()),
    sureSince: () => Number.NEGATIVE_INFINITY,
    boot: () => null,
    monotonic: passedMs,
    after: (delayMs, callback) => real.after(delayMs / speed, callback),
    turn: () => real.turn(),
  };
}
