import { expect, it } from 'vitest';
import { systemClock } from '../../src/time/clock.ts';
import { countingSleep } from '../../src/time/counting-sleep.ts';

function machine() {
  let monotonic = 5_000;
  let sinceBoot = 60_000;
  const clock = countingSleep(
    { ...systemClock, monotonic: () => monotonic, wall: () => 1_767_000_000_000 + sinceBoot },
    () => sinceBoot,
  );
  return {
    read: () => clock.monotonic(),
    work: (ms: number) => {
      monotonic += ms;
      sinceBoot += ms;
    },
    sleep: (ms: number) => {
      sinceBoot += ms;
    },
  };
}

it('counts the time for which the machine slept', () => {
  const { read, work, sleep } = machine();
  expect(read()).toBe(5_000);
  work(100);
  sleep(8_000);
  work(100);
  expect(read()).toBe(13_200);
  work(300);
  expect(read()).toBe(13_500);
});

it('leaves out a difference that is only the coarseness of the other clock, and never goes back', () => {
  const { read, sleep } = machine();
  expect(read()).toBe(5_000);
  sleep(900);
  expect(read()).toBe(5_000);
  sleep(1_100);
  expect(read()).toBe(7_000);
  sleep(-900);
  expect(read()).toBe(7_000);
});
