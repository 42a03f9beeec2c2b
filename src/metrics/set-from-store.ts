import type { Database } from '../store/tables.ts';
import { shownLine } from '../text/shown.ts';
import type { Clock } from '../time/clock.ts';
import type { DeliveryState } from '../words.ts';
import type { Instruments } from './instruments.ts';
import type { SettledCounts } from './settled-deliveries.ts';
import {
  type DeadCounts,
  type GapCounts,
  readDead,
  readGaps,
  readOpenGaps,
  readWaiting,
  type Waiting,
} from './store-counts.ts';

const settledStates: readonly DeliveryState[] = ['sent', 'muted', 'cancelled', 'dead'];

/** Sets the metrics that come from the store. If it cannot be read, rejects and sets none. */
export async function setFromStore(
  all: Instruments,
  db: Database,
  rooms: readonly string[],
  readSettled: () => Promise<SettledCounts>,
  clock: Clock,
): Promise<void> {
  const [waiting, dead, gaps, open, settled] = [
    await readWaiting(db),
    await readDead(db),
    await readGaps(db),
    await readOpenGaps(db),
    await readSettled(),
  ];
  setWaiting(all, rooms, waiting, clock.now());
  setDead(all, dead);
  setGaps(all, gaps);
  all.openGaps.set(open.count);
  all.openGapAge.set(open.since === null ? 0 : Math.max(0, clock.wall() - open.since) / 1000);
  all.settled.reset();
  for (const state of settledStates) all.settled.inc({ state }, settled.get(state) ?? 0);
}

/** Removes these metrics: another process counts in the store. A gauge without labels would be 0. */
export function clearStore(all: Instruments): void {
  for (const gauge of [all.storeReadable, all.parked, all.openGaps, all.openGapAge]) gauge.remove();
  for (const gauge of [all.waiting, all.oldest, all.dead, all.gaps, all.gapSeconds, all.lastGap]) gauge.reset();
  all.settled.reset();
}

function setWaiting(all: Instruments, rooms: readonly string[], waiting: readonly Waiting[], now: number): void {
  all.waiting.reset();
  all.oldest.reset();
  for (const room of rooms.map(shownLine)) {
    all.waiting.set({ room }, 0);
    all.oldest.set({ room }, 0);
  }
  all.parked.set(waiting.filter((one) => one.configured === 0).reduce((sum, one) => sum + one.count, 0));
  for (const { room: name, count, since } of waiting.filter((one) => one.configured === 1)) {
    const room = shownLine(name);
    all.waiting.set({ room }, count);
    all.oldest.set({ room }, Math.max(0, now - since) / 1000);
  }
}

function setDead(all: Instruments, { refused, maybe, events }: DeadCounts): void {
  all.dead.set({ kind: 'refused' }, refused);
  all.dead.set({ kind: 'maybe_sent' }, maybe);
  all.dead.set({ kind: 'failed_event' }, events);
}

function setGaps(all: Instruments, gaps: readonly GapCounts[]): void {
  all.lastGap.reset();
  for (const lost of ['yes', 'no'] as const) {
    const found = gaps.find((one) => one.lost === (lost === 'yes' ? 1 : 0));
    all.gaps.set({ lost }, found?.count ?? 0);
    all.gapSeconds.set({ lost }, (found?.milliseconds ?? 0) / 1000);
    if (found !== undefined) all.lastGap.set({ lost }, found.until / 1000);
  }
}
