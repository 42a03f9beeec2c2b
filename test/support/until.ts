import type { TestClock } from './test-clock.ts';

/** Between two looks at what sockets and processes decide, in milliseconds: they want the processor, too. */
const LOOK_EVERY_MS = 2;

/** Waits for what sockets or processes decide; fails after `patienceMs` of real time with what `there` says. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  { patienceMs = 8_000, there = () => String(condition) } = {},
): Promise<void> {
  const started = performance.now();
  while (!(await condition())) {
    if (performance.now() - started > patienceMs) throw new Error(`waited ${patienceMs / 1_000} s for: ${there()}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** As `until`, and lets the test's time pass meanwhile. */
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
