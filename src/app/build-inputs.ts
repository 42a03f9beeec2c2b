import { formatEventSpec } from '../catalogue/event-spec.ts';
import type { Config } from '../config/config.ts';
import { createDetailsInEffect, type DetailsInEffect } from '../inputs/details/details-in-effect.ts';
import { createGapRecovery, type GapRecovery } from '../inputs/gaps/recover-gaps.ts';
import type { Input } from '../inputs/input.ts';
import { createOutageWatch } from '../inputs/source/outage-watch.ts';
import { type QuietWatch, watchQuiet } from '../inputs/source/quiet-watch.ts';
import type { Source, SourceState } from '../inputs/source/source.ts';
import { createPings, type Pings } from '../inputs/timed/pings.ts';
import { createTimedEvents } from '../inputs/timed/timed-events.ts';
import type { Log } from '../log.ts';
import { logFailure } from '../store/log-failure.ts';
import type { Database } from '../store/tables.ts';
import { counted } from '../text/counted.ts';
import { toWall } from '../time/clock.ts';
import type { Base } from './build-base.ts';
import type { Delivery } from './build-delivery.ts';
import type { Ingest } from './build-ingest.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { AppOptions, Ending } from './options.ts';

/** The sources of events: the source, the API for gaps and details, and the clock. */
export interface Inputs {
  readonly source: Source;
  readonly details: DetailsInEffect;
  readonly missed: GapRecovery;
  readonly pings: Pings;
  readonly quiet: QuietWatch;
  /** Time of the last event, Unix milliseconds; null: none since the start. */
  readonly lastEventAt: () => number | null;
}

export interface InputsParts {
  readonly base: Base;
  readonly delivery: Delivery;
  readonly ingest: Ingest;
  /** Ends the process. */
  readonly end: (ending: Ending) => void;
}

/** Builds everything that passes events to the pipeline. Nothing is requested before their `start`. */
export async function buildInputs(options: AppOptions, parts: InputsParts, lifecycle: Lifecycle): Promise<Inputs> {
  const { clock, log } = options;
  const { catalogue } = options.config;
  const { base, delivery, ingest, end } = parts;
  const { db, config, directory, pace } = base;
  const { pipeline, live, names } = ingest;
  const { router } = live;
  const { tell } = delivery;
  const { name } = options.config.source;

  const details = createDetailsInEffect({ config, db, pipeline, names, wake: directory.wake, pace, clock, log });
  pipeline.onCommitted(() => details.look());
  lifecycle.onDrain('the details', () => details.stop());

  const pings = createPings(config, clock);
  lifecycle.onDrain('the pings', () => pings.stop());
  const timed = createTimedEvents({
    ...{ db, router, pipeline, clock, log, catalogue },
    source: name,
    lingeringAfterMs: () => config().derived.lingeringAfterMs,
    check: (subject) => details.check(subject),
    fetches: () => config().source.api !== null,
    pings: () => pings.reader(),
  });
  pipeline.onCommitted((committed) => committed.forEach(timed.received));
  lifecycle.onDrain('the timed events', () => timed.stop());
  await timed.start();

  const missed = await createGapRecovery({
    ...{ config, db, router, pipeline, tell, clock, log },
    wake: directory.wake,
    refreshCards: () => details.refresh(),
  });
  pipeline.onDropped(({ from, count }) =>
    missed.gap({
      from: toWall(clock, from),
      reason: `${counted(count, 'event')} came faster than the store could be written`,
    }),
  );
  lifecycle.onDrain('the gaps', (now) => missed.stop(now));

  const lostAfterMs = () => config().derived.lostAfterMs;
  const news = createOutageWatch({ name, lostAfterMs, tell, onLost: timed.lost, onHeard: timed.heard, clock });
  lifecycle.onStop('the watch for outages', () => news.stop());
  const quietAfterMs = () => config().source.quietAfterMs;
  const quiet = watchQuiet({ name, quietAfterMs, onQuiet: (from) => missed.quiet(from), clock, log });
  lifecycle.onStop('the watch for silence', () => quiet.stop());

  const input = inputOf(options);
  const upstream = await upstreamOf(input, options, lifecycle);
  let wasSubscribed = false;
  let lastEventAt: number | null = null;
  const source = await input.connect({
    ...{ name, url: upstream.url, key: upstream.key, network: options.config.network, clock, log },
    events: formatEventSpec(router.union),
    get payloadLimitBytes() {
      return config().source.payloadLimitBytes;
    },
    onMessage(message) {
      quiet.heard();
      lastEventAt = clock.wall();
      pipeline.receive(message);
    },
    onState(state: SourceState) {
      news.became(state);
      timed.became(state);
      if (state.state === 'subscribed') {
        if (!wasSubscribed) missed.beforeStart();
        wasSubscribed = true;
      }
      // A key in a file may be replaced while Lookout runs.
      const mayEnd = state.state === 'rejected' && !wasSubscribed && upstream.key.file === null;
      if (mayEnd) void endIfNothingWaits(db, upstream.key.from, end, log);
    },
    onGap: (gap) => missed.gap(gap),
  });
  pipeline.onPressure((isFull) => source.hold(isFull));
  lifecycle.onDrain('the source', () => source.stop());
  return { source, details, missed, pings, quiet, lastEventAt: () => lastEventAt };
}

/** Returns the kind of the configured source. */
export function inputOf({ config, inputs }: Pick<AppOptions, 'config' | 'inputs'>): Input {
  const found = inputs.find(({ name }) => name === config.source.kind.name);
  if (found === undefined) throw new Error(`there is no kind of source "${config.source.kind.name}"`);
  return found;
}

/** Returns the server to connect to; for `url: demo` it is started here. */
async function upstreamOf(input: Input, { config, clock, log }: AppOptions, lifecycle: Lifecycle) {
  if (config.source.url === 'demo') {
    const demo = await input.startDemo({ clock, log, catalogue: config.catalogue });
    lifecycle.onStop('the demo hub', () => demo.stop());
    return demo;
  }
  return { url: config.source.url, key: keyOf(config.source) };
}

function keyOf({ key }: Config['source']) {
  if (key === null) throw new Error('the configuration accepted a source without a key');
  return key;
}

async function endIfNothingWaits(
  db: Database,
  keyFrom: string,
  end: (ending: Ending) => void,
  log: Log,
): Promise<void> {
  try {
    const waiting = await db
      .selectFrom('deliveries')
      .select('id')
      .where('state', 'in', ['waiting', 'planned'])
      .limit(1)
      .executeTakeFirst();
    if (waiting === undefined)
      end({
        reason: 'rejected',
        text: `the source rejected the key (from ${keyFrom}), and no deliveries are waiting`,
      });
    else log.warn({}, 'pending deliveries are still sent; retrying with the same key every 5 minutes');
  } catch (err) {
    logFailure(log, err, {}, 'could not check for pending deliveries');
  }
}
