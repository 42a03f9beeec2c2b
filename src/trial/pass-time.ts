import type { Database } from '../store/tables.ts';
import { nextDue } from './fates.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Longest step in which nothing is skipped, ms. */
const STEP_MS = 3_600_000;
/** Longest time after the last event in which held deliveries are sent, ms. */
const LONGEST_HOLD_MS = 24 * 3_600_000;
/** Time between two events whose lines do not say when they came, ms. More a minute would become a digest. */
export const PACE_MS = 2_000;

/** Lets time pass up to an instant, in steps as long as a delivery waits. */
export async function passTo(db: Database, clock: VirtualClock, at: number): Promise<void> {
  while (at - clock.now() > STEP_MS) {
    const due = await nextDue(db);
    if (due === null || due > at) break;
    await clock.passUntil(Math.max(clock.now(), Math.min(due, clock.now() + STEP_MS)) + 1_000);
  }
  await clock.passUntil(at);
}

/** Lets time pass until no delivery waits any more. */
export async function passToEnd(db: Database, clock: VirtualClock): Promise<void> {
  const end = clock.now() + LONGEST_HOLD_MS;
  for (let due = await nextDue(db); due !== null && due < end; due = await nextDue(db)) {
    const before = clock.now();
    await clock.passUntil(Math.min(Math.max(due, before) + 1_000, before + STEP_MS));
  }
}
