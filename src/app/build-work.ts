import { sourceText } from '../inputs/source/state-text.ts';
import type { Parts } from '../metrics/set-from-parts.ts';
import { RoomsInEffect } from './apply-rooms.ts';
import { type Base, buildBase } from './build-base.ts';
import { buildDelivery, type Delivery } from './build-delivery.ts';
import { buildIngest, buildSubscribed, type Ingest, type Subscribed } from './build-ingest.ts';
import { buildInputs, type Inputs } from './build-inputs.ts';
import { buildSurfaces, type Surfaces } from './build-surfaces.ts';
import { type Following, followOthers } from './follow-others.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Monitoring } from './monitoring.ts';
import type { AppOptions, Ending } from './options.ts';
import { unknownSource } from './read-status.ts';
import type { Share, SourceFacts } from './share.ts';

/** The parts of all of the work: one process with everything in it. */
export interface AllWork {
  readonly base: Base;
  readonly delivery: Delivery;
  readonly ingest: Ingest;
  readonly inputs: Inputs;
  readonly surfaces: Surfaces;
  readonly rooms: RoomsInEffect;
}

/** The parts of a share of the work. An account has no way in, the leader no rooms and no commands. */
export interface SharedWork {
  readonly base: Base;
  readonly delivery: Delivery;
  readonly ingest: Subscribed & Partial<Pick<Ingest, 'pipeline'>>;
  readonly inputs: Inputs | null;
  readonly surfaces: Surfaces | null;
  readonly rooms: RoomsInEffect;
  readonly following: Following;
}

interface WorkParts {
  readonly monitoring: Monitoring;
  /** Ends the process. */
  readonly end: (ending: Ending) => void;
}

/** Builds and starts all of the work in four phases. Delivery comes first, so that it is ready for the events of the others. */
export async function buildAll(given: AppOptions, parts: WorkParts, lifecycle: Lifecycle): Promise<AllWork> {
  const { monitoring, end } = parts;
  const base = await buildBase(given, lifecycle);
  const options = { ...given, clock: base.clock };
  const delivery = await buildDelivery(options, { base, monitoring, end }, lifecycle);
  const subscribed = await buildSubscribed(options, base);
  const ingest = await buildIngest(options, { base, subscribed, monitoring }, lifecycle);
  const inputs = await buildInputs(options, { base, delivery, ingest, end }, lifecycle);
  const source = () => sourceFactsOf(options, { ingest, inputs });
  const ask = (events: string) => inputs.source.ask(events);
  const surfaces = await buildSurfaces(options, { base, delivery, ingest, source, ask }, lifecycle);
  const rooms = new RoomsInEffect(options, { base, delivery, ingest });
  const work = { base, delivery, ingest, inputs, surfaces, rooms };
  watch(work, 'everything', monitoring, lifecycle);
  lifecycle.onStop('the metrics', () => monitoring.stop());
  await monitoring.start(base.config);
  base.watch.begin();
  delivery.outbox.start();
  startInputs(ingest, inputs);
  return work;
}

/** Builds and starts a share of the work. */
export async function buildShare(
  given: AppOptions & { readonly share: Share },
  parts: WorkParts,
  lifecycle: Lifecycle,
): Promise<SharedWork> {
  const { monitoring } = parts;
  const base = await buildBase(given, lifecycle);
  const options = { ...given, clock: base.clock };
  const delivery = await buildDelivery(options, { base, ...parts }, lifecycle);
  const subscribed = await buildSubscribed(options, base);
  const work =
    options.share.account === null
      ? await buildLeader(options, { ...parts, base, delivery, subscribed }, lifecycle)
      : await buildAccount(options, { base, delivery, subscribed }, lifecycle);
  watch(work, options.share.unit, monitoring, lifecycle);
  base.watch.begin();
  delivery.outbox.start();
  if (work.inputs !== null) startInputs(work.ingest, work.inputs);
  return work;
}

interface Built {
  readonly base: Base;
  readonly delivery: Delivery;
  readonly subscribed: Subscribed;
}

async function buildLeader(options: AppOptions, built: Built & WorkParts, lifecycle: Lifecycle) {
  const { base, delivery, subscribed, monitoring, end } = built;
  const ingest = await buildIngest(options, { base, subscribed, monitoring }, lifecycle);
  const inputs = await buildInputs(options, { base, delivery, ingest, end }, lifecycle);
  const ask = (events: string) => inputs.source.ask(events);
  const rooms = new RoomsInEffect(options, { base, delivery, ingest });
  const following = await followOthers(options, { base, ingest, rooms, ask }, lifecycle);
  return { base, delivery, ingest, inputs, surfaces: null, rooms, following };
}

async function buildAccount(options: AppOptions, { base, delivery, subscribed }: Built, lifecycle: Lifecycle) {
  const source = () => base.share?.leader() ?? unknownSource;
  const ask = () => {};
  const surfaces = await buildSurfaces(options, { base, delivery, ingest: subscribed, source, ask }, lifecycle);
  const rooms = new RoomsInEffect(options, { base, delivery, ingest: subscribed });
  const following = await followOthers(options, { base, ingest: subscribed, rooms, ask }, lifecycle);
  return { base, delivery, ingest: subscribed, inputs: null, surfaces, rooms, following };
}

/** Returns how the source is, in the process that listens to it. */
export function sourceFactsOf(
  { config }: Pick<AppOptions, 'config'>,
  { ingest, inputs }: Pick<AllWork, 'ingest' | 'inputs'>,
): SourceFacts {
  return {
    source: sourceText(inputs.source.state, config.source.name),
    lastEventAt: inputs.lastEventAt(),
    events: ingest.pipeline.counts.received,
  };
}

function startInputs({ pipeline }: Partial<Pick<Ingest, 'pipeline'>>, { details, missed, source }: Inputs): void {
  pipeline?.start();
  details.start();
  missed.start(source);
  source.start();
}

/** Shows the parts in the metrics, until they stop. */
function watch(
  { base, delivery, ingest, inputs }: Omit<SharedWork, 'following' | 'surfaces' | 'rooms'>,
  unit: string,
  monitoring: Monitoring,
  lifecycle: Lifecycle,
): void {
  const { outbox, mutes, holdsFailed } = delivery;
  const { pipeline } = ingest;
  const { clock, config, db, share } = base;
  const parts: Parts = {
    unit,
    inputs:
      inputs === null || pipeline === undefined
        ? null
        : {
            ...{ source: inputs.source, lastEventAt: inputs.lastEventAt, counts: pipeline.counts },
            rowsFetched: () => inputs.missed.rowsFetched,
            failedReadings: () => inputs.missed.failedReadings,
          },
    delivery: share?.account === null ? null : { outbox, mutes, holdsFailed },
  };
  const ofWorkers = () => outbox.workers.map(({ gate }) => gate.room.name);
  const rooms = share === null ? ofWorkers : () => config().rooms.map(({ name }) => name);
  const end = monitoring.watch({ parts, store: inputs === null ? null : { db, clock, rooms } });
  lifecycle.onStop('the metrics of the work', end);
}
