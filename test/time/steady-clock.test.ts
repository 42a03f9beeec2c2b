import { expect, it } from 'vitest';
import { steadyClock } from '../../src/time/steady-clock.ts';
import { createTestClock } from '../support/test-clock.ts';

const hour = 3_600_000;
const start = Date.UTC(2026, 0, 2);

it('goes on steadily, however the wall clock is set', async () => {
  const machine = createTestClock(start);
  const clock = steadyClock(machine);
  for (const setMs of [hour, -2 * hour, 8_760 * hour, -8_760 * hour]) {
    const before = clock.now();
    machine.set(setMs);
    await machine.advance(1_000);
    expect(clock.now()).toBe(before + 1_000);
  }
});

it('is in doubt about the time before the wall clock went forward, and tells of each time that it was set', async () => {
  const machine = createTestClock(start);
  const steps: number[] = [];
  const clock = steadyClock(machine, { now: start, sureSince: 0 }, (stepMs) => void steps.push(stepMs));
  expect(clock.sureSince()).toBe(0);
  await machine.advance(1_000);
  machine.set(-hour);
  expect(clock.sureSince()).toBe(0);
  machine.set(hour);
  expect(clock.sureSince()).toBe(start + 1_000);
  machine.set(999);
  expect(clock.sureSince()).toBe(start + 1_000);
  expect(steps).toEqual([-hour, hour]);
});
