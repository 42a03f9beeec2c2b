import { PATIENCE_MS } from './patience.ts';
import type { TestClock } from './test-clock.ts';

/** Interval between two checks of sockets and processes, ms: they need the processor, too. */
const LOOK_EVERY_MS = 2;

/** Waits for a condition of sockets or processes; fails after `patienceMs` of real time with the text of `there`. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  { patienceMs = PATIENCE_MS, there = () => String(condition) } = {},
): Promise<void> {
  const started = performance.now();
  while (!(await condition())) {
    if (performance.now() - started > patienceMs) throw new Error(`waited ${patienceMs / 1_000} s for: ${there()}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** The same as `until`, while the test's time passes. */
export async function advanceUntil(
  clock: TestClock,
  condition: () => boolean | Promise<boolean>,
  stepMs = 50,
): Promise<void> {
  const there = () => String(condition);
  const look = async () => {
    if (await condition()) return true;
    await clock.advance(stepMs);
    return false;
  };
  await until(look, { there });
}
