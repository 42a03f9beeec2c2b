import { uptime } from 'node:os';
import type { MachineClock } from './clock.ts';

/** Largest error of a difference between the two clocks, ms: on macOS the second one gives whole seconds. */
const LARGEST_ERROR_MS = 1_000;
/** Interval between two looks at the time since boot, ms: each costs some microseconds. */
const LOOK_EVERY_MS = 1_000;

/**
 * Returns a clock whose monotonic time goes on while the machine sleeps. By itself it stands still while a laptop is closed or a virtual
 * machine is saved (CLOCK_MONOTONIC: https://man7.org/linux/man-pages/man2/clock_gettime.2.html). `sinceBoot`: time since the
 * machine was started, with its sleep, ms.
 */
export function countingSleep<C extends MachineClock>(clock: C, sinceBoot = () => uptime() * 1_000): C {
  /** The last look; `wall` and `boot` are ahead of the monotonic clock by so much, ms. */
  let last: { readonly at: number; readonly wall: number; readonly boot: number } | null = null;
  let sleptMs = 0;

  function look(at: number): void {
    const wall = clock.wall() - at;
    // The wall clock goes on during a sleep, too.
    if (last !== null && at - last.at < LOOK_EVERY_MS && Math.abs(wall - last.wall) < LARGEST_ERROR_MS) return;
    const ahead = sinceBoot() - at;
    const moreMs = last === null ? 0 : ahead - last.boot;
    if (moreMs > Math.max(sleptMs, LARGEST_ERROR_MS)) sleptMs = moreMs;
    last = { at, wall, boot: last?.boot ?? ahead };
  }

  return {
    ...clock,
    monotonic() {
      const at = clock.monotonic();
      look(at);
      return at + sleptMs;
    },
  };
}
