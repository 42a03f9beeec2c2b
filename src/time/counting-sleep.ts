import { uptime } from 'node:os';
import type { Clock } from './clock.ts';

/** Largest error of a difference between the two clocks, ms: on macOS the second one gives whole seconds. */
const LARGEST_ERROR_MS = 1_000;

/**
 * Returns a clock whose monotonic time goes on while the machine sleeps. By itself it stands still while a laptop is closed or a virtual
 * machine is saved (CLOCK_MONOTONIC: https://man7.org/linux/man-pages/man2/clock_gettime.2.html). `sinceBoot`: time since the
 * machine was started, with its sleep, ms.
 */
export function countingSleep(clock: Clock, sinceBoot = () => uptime() * 1_000): Clock {
  const ahead = () => sinceBoot() - clock.monotonic();
  const aheadAtFirst = ahead();
  let sleptMs = 0;
  return {
    ...clock,
    monotonic() {
      const more = ahead() - aheadAtFirst;
      if (more > Math.max(sleptMs, LARGEST_ERROR_MS)) sleptMs = more;
      return clock.monotonic() + sleptMs;
    },
  };
}
