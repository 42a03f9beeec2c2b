import { setTimeout as pause } from 'node:timers/promises';
import { openOutboxFile } from '../e2e/support/outbox-file.ts';
import type { Progress } from './row.ts';

/** Interval between two checks of the store, ms. A check is some work for it. */
const lookEveryMs = 50;

/** Resolves when a store has so many events; reports their number until then. */
export async function untilStored(store: string, events: number, progress: Progress): Promise<void> {
  const outbox = openOutboxFile(store);
  for (;;) {
    const stored = outbox.events();
    if (stored >= events) return;
    progress(`${stored} of ${events} events stored`);
    await pause(lookEveryMs);
  }
}

/** Resolves when a store has so many events and no room waits for any of them; reports the number of waiting deliveries until then. */
export async function untilCurrent(store: string, events: number, progress: Progress): Promise<void> {
  await untilStored(store, events, progress);
  const outbox = openOutboxFile(store);
  for (;;) {
    const left = outbox.unsettled();
    if (left === 0) return;
    progress(`${left} deliveries wait`);
    await pause(lookEveryMs);
  }
}
