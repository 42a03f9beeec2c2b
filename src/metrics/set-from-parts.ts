import type { Counter } from 'prom-client';
import type { PipelineCounts } from '../ingest/pipeline.ts';
import type { Source, SourceState } from '../inputs/source/source.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Mutes } from '../rooms/mutes.ts';
import { shownLine } from '../text/shown.ts';
import { accountLabels, type Instruments } from './instruments.ts';

/** The parts of a running Lookout that are read when metrics are requested. */
export interface Parts {
  readonly source: Pick<Source, 'state' | 'unreadableFrames'>;
  readonly counts: PipelineCounts;
  readonly outbox: Pick<Outbox, 'accounts' | 'workers'>;
  readonly mutes: Pick<Mutes, 'holding' | 'conditionsFailed'>;
  /** Number of hold conditions that could not be evaluated since the start. */
  readonly holdsFailed: () => number;
  /** Time of the last event from the source, Unix milliseconds; null: none since the start. */
  readonly lastEventAt: () => number | null;
  /** Returns whether the last reload of the configuration went well, and when one did, Unix milliseconds. */
  readonly lastReload: () => { readonly isGood: boolean; readonly goodAt: number };
  /** Number of rows from the API since the start. */
  readonly rowsFetched: () => number;
  /** Number of incomplete readings of gaps since the start. */
  readonly failedReadings: () => number;
}

/** All states, as the type ensures, so that each has a series from the start. */
const sourceStates: Readonly<Record<SourceState['state'], 0>> = {
  idle: 0,
  connecting: 0,
  subscribed: 0,
  rejected: 0,
  lost: 0,
  stale: 0,
  stopped: 0,
};

/** Sets the metrics that do not need the store. */
export function setFromParts(all: Instruments, parts: Parts): void {
  const { source, counts, outbox, mutes } = parts;
  setTotal(all.duplicate, counts.duplicate);
  setTotal(all.malformed, counts.malformed);
  setTotal(all.failed, counts.failed);
  setTotal(all.lost, counts.lost);
  all.conditionsFailed.reset();
  all.conditionsFailed.inc({ of: 'subscription' }, counts.conditionsFailed);
  all.conditionsFailed.inc({ of: 'mute' }, mutes.conditionsFailed);
  all.conditionsFailed.inc({ of: 'hold' }, parts.holdsFailed());
  setTotal(all.rowsFetched, parts.rowsFetched());
  setTotal(all.failedReadings, parts.failedReadings());
  setTotal(all.unreadable, source.unreadableFrames);
  for (const state of Object.keys(sourceStates)) all.source.set({ state }, state === source.state.state ? 1 : 0);
  const { isGood, goodAt } = parts.lastReload();
  all.reloadSuccess.set(isGood ? 1 : 0);
  all.reloadSuccessAt.set(goodAt / 1000);
  const lastEventAt = parts.lastEventAt();
  all.lastEvent.remove();
  if (lastEventAt !== null) all.lastEvent.set(lastEventAt / 1000);
  for (const { id, state } of outbox.accounts) {
    all.accountReady.set(accountLabels(id), state.state === 'ready' ? 1 : 0);
    all.accountBroken.set(accountLabels(id), state.state === 'broken' ? 1 : 0);
  }
  for (const { gate, waitsMs } of outbox.workers) {
    const { id, name } = gate.room;
    const room = shownLine(name);
    const isMuted = mutes.holding(id).some(({ events, where }) => events === null && where === null);
    all.roomBroken.set({ room }, gate.broken === null ? 0 : 1);
    all.roomMuted.set({ room }, isMuted ? 1 : 0);
    all.roomWaits.set({ room }, waitsMs / 1000);
  }
}

/** Sets a counter whose total is kept elsewhere. */
function setTotal(counter: Counter, total: number): void {
  counter.reset();
  counter.inc(total);
}
