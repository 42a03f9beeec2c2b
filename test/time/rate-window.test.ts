import { expect, it } from 'vitest';
import { createRateWindow } from '../../src/time/rate-window.ts';

it('allows so many in any window, and says how long the next one waits', () => {
  const window = createRateWindow(2, 1_000);
  for (const at of [0, 400]) {
    expect(window.waitMs(at)).toBe(0);
    window.add(at);
  }
  expect(window.waitMs(500)).toBe(500);
  expect(window.waitMs(1_000)).toBe(0);
  window.add(1_000);
  expect(window.waitMs(1_000)).toBe(400);
});

it('counts what was counted before the clock was set back', () => {
  const window = createRateWindow(2, 1_000);
  window.add(5_000);
  window.add(100);
  expect(window.waitMs(200)).toBe(900);
  expect(window.waitMs(1_100)).toBe(0);
});
