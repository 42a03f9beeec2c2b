import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { partsOfAccount } from '../account-id.ts';
import type { PlatformCounter } from '../adapters/platform.ts';
import type { AccountId, PlatformName } from '../words.ts';

/** A counter that only one platform has. */
export interface CounterOfPlatform extends PlatformCounter {
  readonly platform: PlatformName;
}

/**
 * Creates all metrics of Lookout in a registry of their own, with names, help texts and labels. Rooms, platforms and
 * models are few and known beforehand; nothing else may become a label, least of all text written by users.
 * https://prometheus.io/docs/practices/naming/
 *
 * `platformCounters`: counters that only one platform has.
 */
export function createInstruments(platformCounters: readonly CounterOfPlatform[]) {
  const registry = new Registry();
  // Process metrics: processor time, memory, open files, event loop, garbage collection.
  collectDefaultMetrics({ register: registry });
  const makers = makersIn(registry);
  return {
    registry,
    build: makers.gauge('build_info', 'Always 1; the version of Lookout is its label.', ['version']),
    working: makers.gauge(
      'working',
      '1 for each unit of the work that this process has, 0 for those that others have; "everything" with one process.',
      ['unit'],
    ),
    configDiffers: makers.gauge(
      'config_differs',
      '1 if another process on the same database has another configuration, 0 if none has.',
    ),
    reloadSuccess: makers.gauge(
      'config_last_reload_success',
      '1 if the last reload of the configuration went well; 0 if it was refused, or part of it is not in effect.',
    ),
    reloadSuccessAt: makers.gauge(
      'config_last_reload_success_timestamp_seconds',
      'When the configuration was last read and put into effect, Unix time.',
    ),
    ...ofEvents(makers),
    ...ofSource(makers),
    ...ofGaps(makers),
    ...ofDeliveries(makers),
    ...ofRooms(makers),
    ...ofPlatforms(makers, platformCounters),
    ...ofStore(makers),
  };
}

export type Instruments = ReturnType<typeof createInstruments>;

/** Makes the metrics of a registry. Each name gets the prefix `lookout_`. */
function makersIn(registry: Registry) {
  const registers = [registry];
  return {
    counter: <T extends string>(name: string, help: string, labelNames: readonly T[] = []) =>
      new Counter<T>({ name: `lookout_${name}`, help, labelNames, registers }),
    gauge: <T extends string>(name: string, help: string, labelNames: readonly T[] = []) =>
      new Gauge<T>({ name: `lookout_${name}`, help, labelNames, registers }),
    histogram: <T extends string>(name: string, help: string, labelNames: readonly T[], buckets: number[]) =>
      new Histogram<T>({ name: `lookout_${name}`, help, labelNames, buckets, registers }),
  };
}

/** The labels of an account. One without a name has no label `account`. */
export function accountLabels(id: AccountId): { readonly platform: PlatformName; readonly account?: string } {
  const { platform, name } = partsOfAccount(id);
  return { platform, ...(name !== null && { account: name }) };
}

type Makers = ReturnType<typeof makersIn>;

function ofEvents({ counter, gauge }: Makers) {
  return {
    received: counter('events_received_total', 'Events stored with their deliveries; unknown models as "other".', [
      'model',
      'origin',
    ]),
    duplicate: counter('events_duplicate_total', 'Events that were already known and were dropped.'),
    malformed: counter('events_malformed_total', 'Messages of the source that are not valid events.'),
    failed: counter('events_failed_total', 'Events that failed because of an error in Lookout.'),
    conditionsFailed: counter(
      'condition_failures_total',
      'Conditions that could not be evaluated on an event: that of a subscription counts as matched, that of a mute or hold as not.',
      ['of'],
    ),
    lost: counter(
      'events_lost_total',
      'Events given up because the store could not be written for too long. The API is asked for them.',
    ),
    lastEvent: gauge(
      'last_event_timestamp_seconds',
      'When the source last sent an event, Unix time; absent before the first.',
    ),
  };
}

function ofSource({ counter, gauge }: Makers) {
  return {
    source: gauge('source_state', '1 for the present state of the source, 0 for the others.', ['state']),
    unreadable: counter('source_unreadable_frames_total', 'Frames of the source that could not be read.'),
  };
}

function ofGaps({ counter, gauge }: Makers) {
  return {
    gaps: gauge(
      'gaps',
      'Times in which events may have been missed, of the last 30 days (store.keep); lost="yes": part of it cannot be fetched.',
      ['lost'],
    ),
    gapSeconds: gauge('gaps_seconds', 'Total length of these gaps.', ['lost']),
    lastGap: gauge(
      'last_gap_end_timestamp_seconds',
      'When the last of these gaps ended, Unix time; absent if there is none.',
      ['lost'],
    ),
    openGaps: gauge('gaps_open', 'Gaps that are not completely fetched yet; without source.api all of them.'),
    openGapAge: gauge(
      'oldest_open_gap_age_seconds',
      'Time since the oldest open gap ended, during which the API did not return everything; 0 if none is open.',
    ),
    failedReadings: counter(
      'backfill_failures_total',
      'Readings after gaps for which the API did not return everything; they are retried.',
    ),
    rowsFetched: counter(
      'backfilled_rows_total',
      'Rows that the API returned after gaps, including known ones; new ones are events of origin "backfilled".',
    ),
  };
}

function ofDeliveries({ counter, gauge }: Makers) {
  return {
    waiting: gauge(
      'deliveries_waiting',
      'Unsettled deliveries of a room, including those whose send has no answer yet.',
      ['room'],
    ),
    oldest: gauge('oldest_waiting_age_seconds', 'Age of the oldest unsettled delivery; 0 if there is none.', ['room']),
    parked: gauge('deliveries_parked', 'Deliveries whose room is no longer in the configuration.'),
    settled: counter('deliveries_settled_total', 'Settled deliveries, by state.', ['state']),
  };
}

function ofRooms({ gauge }: Makers) {
  return {
    roomWaits: gauge(
      'room_waiting_seconds',
      'Time for which nothing was sent into a room because its platform makes it wait or gives no clear answer; else 0, also while its account is not logged in.',
      ['room'],
    ),
    roomBroken: gauge('room_broken', '1 while a room accepts no messages.', ['room']),
    roomMuted: gauge('room_muted', '1 while a whole room is muted, by a command or by its quiet hours.', ['room']),
  };
}

function ofPlatforms({ counter, gauge, histogram }: Makers, platformCounters: readonly CounterOfPlatform[]) {
  return {
    sends: counter('sends_total', 'Answers of the platforms to sends.', ['platform', 'account', 'outcome']),
    sendSeconds: histogram(
      'send_duration_seconds',
      'Time until a platform answered a send, whatever the answer.',
      ['platform', 'account'],
      [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    ),
    accountReady: gauge('account_ready', '1 while an account is logged in.', ['platform', 'account']),
    accountBroken: gauge('account_broken', '1 while a platform rejects everything from an account.', [
      'platform',
      'account',
    ]),
    connectionUp: gauge(
      'account_connection_up',
      '1 while a connection works over which commands come; only for an account that has several.',
      ['platform', 'account', 'connection'],
    ),
    ofPlatforms: new Map(
      platformCounters.map(({ platform, name, help }) => {
        const full = `${platform}_${name}`;
        return [full, counter(full, help)] as const;
      }),
    ),
  };
}

function ofStore({ gauge }: Makers) {
  return {
    dead: gauge(
      'dead_letters',
      'Items that need the operator: rejected sends, sends that the room may show nevertheless, events on which Lookout failed.',
      ['kind'],
    ),
    storeReadable: gauge(
      'store_readable',
      '1 if the store answered the last query; if not, values from the store are those of the last answer.',
    ),
  };
}
