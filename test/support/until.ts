import type { TestClock } from './test-clock.ts';

/** Lets the test's time pass until something is true that sockets decide; fails after 8 s of real time. */
export async function until(clock: TestClock, condition: () => boolean | Promise<boolean>, stepMs = 50): Promise<void> {
  const started = performance.now();
  while (!(await condition())) {
    if (performance.now() - started > 8_000) throw new Error(`waited 8 s for: ${condition}`);
    await clock.advance(stepMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
