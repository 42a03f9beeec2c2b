import type { Counter } from 'prom-client';
import type { PipelineCounts } from '../ingest/pipeline.ts';
import type { Source, SourceState } from '../inputs/source/source.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Mutes } from '../rooms/mutes.ts';
import { shownLine } from '../text/shown.ts';
import { accountLabels, type Instruments } from './instruments.ts';

/** The parts of a unit of work that are read when metrics are requested. */
export interface Parts {
  /** `everything`, `leader` or `account:…` */
  readonly unit: string;
  /** Null: another process listens to the source. */
  readonly inputs: InputParts | null;
  /** Null: the unit has no rooms. */
  readonly delivery: DeliveryParts | null;
}

export interface InputParts {
  readonly source: Pick<Source, 'state' | 'unreadableFrames'>;
  readonly counts: PipelineCounts;
  /** Time of the last event from the source, Unix milliseconds; null: none since the start. */
  readonly lastEventAt: () => number | null;
  /** Number of rows from the API since the start. */
  readonly rowsFetched: () => number;
  /** Number of incomplete readings of gaps since the start. */
  readonly failedReadings: () => number;
}

export interface DeliveryParts {
  readonly outbox: Pick<Outbox, 'accounts' | 'workers'>;
  readonly mutes: Pick<Mutes, 'holding' | 'conditionsFailed'>;
  /** Number of hold conditions that could not be evaluated since the start. */
  readonly holdsFailed: () => number;
}

/** The parts of the process as a whole. */
export interface ProcessParts {
  /** Returns whether the last reload of the configuration went well, and when one did, Unix milliseconds. */
  readonly lastReload: () => { readonly isGood: boolean; readonly goodAt: number };
  /** Returns the units that any process works on. */
  readonly units: () => readonly string[];
  /** Returns true if another process has another configuration. */
  readonly configDiffers: () => boolean;
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
export function setFromParts(all: Instruments, running: readonly Parts[], of: ProcessParts): void {
  const { isGood, goodAt } = of.lastReload();
  all.reloadSuccess.set(isGood ? 1 : 0);
  all.reloadSuccessAt.set(goodAt / 1000);
  all.configDiffers.set(of.configDiffers() ? 1 : 0);
  all.working.reset();
  for (const unit of of.units()) all.working.set({ unit }, 0);
  for (const { unit } of running) all.working.set({ unit }, 1);
  const inputs = running.flatMap((parts) => parts.inputs ?? []);
  const deliveries = running.flatMap((parts) => parts.delivery ?? []);
  all.conditionsFailed.reset();
  setFromInputs(all, inputs);
  for (const gauge of [all.accountReady, all.accountBroken, all.connectionUp]) gauge.reset();
  for (const gauge of [all.roomBroken, all.roomMuted, all.roomWaits]) gauge.reset();
  for (const parts of deliveries) setFromDelivery(all, parts);
}

/** With none the source is another process' work, and its state is unknown here. */
function setFromInputs(all: Instruments, [parts]: readonly InputParts[]): void {
  all.source.reset();
  all.lastEvent.remove();
  if (parts === undefined) return;
  const { source, counts } = parts;
  setTotal(all.duplicate, counts.duplicate);
  setTotal(all.malformed, counts.malformed);
  setTotal(all.failed, counts.failed);
  setTotal(all.lost, counts.lost);
  all.conditionsFailed.inc({ of: 'subscription' }, counts.conditionsFailed);
  setTotal(all.rowsFetched, parts.rowsFetched());
  setTotal(all.failedReadings, parts.failedReadings());
  setTotal(all.unreadable, source.unreadableFrames);
  for (const state of Object.keys(sourceStates)) all.source.set({ state }, state === source.state.state ? 1 : 0);
  const lastEventAt = parts.lastEventAt();
  if (lastEventAt !== null) all.lastEvent.set(lastEventAt / 1000);
}

function setFromDelivery(all: Instruments, { outbox, mutes, holdsFailed }: DeliveryParts): void {
  all.conditionsFailed.inc({ of: 'mute' }, mutes.conditionsFailed);
  all.conditionsFailed.inc({ of: 'hold' }, holdsFailed());
  for (const { id, state, adapter } of outbox.accounts) {
    all.accountReady.set(accountLabels(id), state.state === 'ready' ? 1 : 0);
    all.accountBroken.set(accountLabels(id), state.state === 'broken' ? 1 : 0);
    for (const { name, isUp } of adapter.connections())
      all.connectionUp.set({ ...accountLabels(id), connection: name }, isUp ? 1 : 0);
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
