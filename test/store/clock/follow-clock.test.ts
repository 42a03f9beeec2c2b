import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentLog } from '../../../src/log.ts';
import { writeClockRow } from '../../../src/store/clock/clock-row.ts';
import { followStoreClock } from '../../../src/store/clock/follow-clock.ts';
import { keepStoreClock, type StoreClock } from '../../../src/store/clock/store-clock.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import { createTestClock, type TestClock } from '../../support/test-clock.ts';

const never = new AbortController().signal;
let store: Store;
let machine: TestClock;
let following: StoreClock;
beforeEach(async () => {
  store = await openStore(':memory:');
  machine = createTestClock();
  await save(0);
  following = await followStoreClock({ db: store.db, clock: machine, log: silentLog });
});
afterEach(async () => {
  await following.stop(never);
  expect(machine.pending).toBe(0);
  await store.close();
});

/** Saves the clock as a process does whose time is ahead of the wall clock. */
const save = (aheadMs: number) =>
  writeClockRow(store.db, { storeAt: machine.wall() + aheadMs, wallAt: machine.wall(), boot: null, sureSince: 0 });
const ahead = () => following.clock.now() - machine.wall();

it('catches up with the process that saves the clock, and never goes back', async () => {
  await save(300);
  await machine.advance(10_000);
  expect(ahead()).toBe(0);
  await save(300);
  await machine.advance(10_000);
  expect(ahead()).toBe(300);
  await save(100);
  await machine.advance(10_000);
  await save(100);
  await machine.advance(10_000);
  expect(ahead()).toBe(300);
});

it('does not take one save twice, nor a difference that is over at the next look', async () => {
  await save(300);
  await machine.advance(60_000);
  expect(ahead()).toBe(0);
  await save(0);
  await machine.advance(10_000);
  expect(ahead()).toBe(0);
});

it('does not jump when the wall clock is set, and both processes notice that', async () => {
  const leader = await keepStoreClock({ db: store.db, clock: machine, log: silentLog, isFollowed: true });
  await machine.advance(30_000);
  machine.set(3_600_000);
  await machine.advance(60_000);
  expect(following.clock.now()).toBe(leader.clock.now());
  expect(ahead()).toBe(-3_600_000);
  await leader.stop(never);
});
