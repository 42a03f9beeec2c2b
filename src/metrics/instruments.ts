import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { PlatformCounter } from '../adapters/platform.ts';
import type { PlatformName } from '../words.ts';

/** A counter that only one platform has. */
export interface CounterOfPlatform extends PlatformCounter {
  readonly platform: PlatformName;
}

/**
 * Every metric that Lookout has, in a registry of its own: names, what they mean and by what they are told apart. Rooms,
 * platforms and models are few, and known beforehand; nothing else may become a label, least of all what somebody wrote.
 * https://prometheus.io/docs/practices/naming/
 *
 * `platformCounters`: those that only one platform has.
 */
export function createInstruments(platformCounters: readonly CounterOfPlatform[]) {
  const registry = new Registry();
  const registers = [registry];
  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[] = []) =>
    new Counter<T>({ name: `lookout_${name}`, help, labelNames, registers });
  const gauge = <T extends string>(name: string, help: string, labelNames: readonly T[] = []) =>
    new Gauge<T>({ name: `lookout_${name}`, help, labelNames, registers });
  // Of the process: processor time, memory, open files, event loop, garbage collection.
  collectDefaultMetrics({ register: registry });

  return {
    registry,
    build: gauge('build_info', 'Always 1; the version of Lookout is its label.', ['version']),

    received: counter(
      'events_received_total',
      'Events that were written to the store, with their deliveries; unknown models as "other".',
      ['model', 'origin'],
    ),
    duplicate: counter('events_duplicate_total', 'Events that were known already.'),
    malformed: counter('events_malformed_total', 'Messages of the source that are no event.'),
    failed: counter('events_failed_total', 'Events that Lookout itself failed on.'),
    conditionsFailed: counter(
      'condition_failures_total',
      'Conditions that could not be evaluated on an event: one of a subscription counts as matched, one of a mute or hold as not.',
      ['of'],
    ),
    lost: counter('events_lost_total', 'Events that were lost since the store could not be written for too long.'),
    lastEvent: gauge(
      'last_event_timestamp_seconds',
      'When the source last told of something, Unix time; absent before.',
    ),

    source: gauge('source_state', '1 for the state that the source is in, 0 for the others.', ['state']),
    unreadable: counter('source_unreadable_frames_total', 'Frames of the source that could not be read.'),
    gaps: gauge(
      'gaps',
      'Times in which events may have been missed, those of the last 30 days (store.keep); lost="yes": not all of it can be fetched.',
      ['lost'],
    ),
    gapSeconds: gauge('gaps_seconds', 'How long these gaps were, together.', ['lost']),
    lastGap: gauge(
      'last_gap_end_timestamp_seconds',
      'When the last of these gaps ended, Unix time; absent without any.',
      ['lost'],
    ),
    openGaps: gauge('gaps_open', 'Gaps that are not fetched to their end yet; without source.api all of them.'),
    openGapAge: gauge(
      'oldest_open_gap_age_seconds',
      'How long ago the first of them ended: for so long the API did not give all; 0 without any.',
    ),
    failedReadings: counter(
      'backfill_failures_total',
      'How often the API did not give all of what was missed; it is asked again.',
    ),
    rowsFetched: counter(
      'backfilled_rows_total',
      'Rows that the API gave after gaps, known ones too; new ones are events of origin "backfilled".',
    ),

    waiting: gauge(
      'deliveries_waiting',
      'Deliveries that wait in a room, those with a send that has no answer yet too.',
      ['room'],
    ),
    oldest: gauge('oldest_waiting_age_seconds', 'How long the oldest of them has waited; 0 where none waits.', [
      'room',
    ]),
    parked: gauge('deliveries_parked', 'Deliveries whose room is not in the configuration any more.'),
    settled: counter('deliveries_settled_total', 'Deliveries that were settled, by how.', ['state']),
    roomWaits: gauge(
      'room_waiting_seconds',
      'For how long nothing went into a room since its platform makes it wait or gives no clear answer; 0 where it does not.',
      ['room'],
    ),
    roomBroken: gauge('room_broken', '1 while a room takes no messages at all.', ['room']),
    roomMuted: gauge('room_muted', '1 while a whole room is muted, by somebody or in its quiet hours.', ['room']),

    sends: counter('sends_total', 'What platforms answered to sends.', ['platform', 'outcome']),
    sendSeconds: new Histogram({
      name: 'lookout_send_duration_seconds',
      help: 'How long a platform took to answer a send, whatever it answered.',
      labelNames: ['platform'] as const,
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    }),
    accountReady: gauge('account_ready', '1 while an account is logged in.', ['platform']),
    accountBroken: gauge('account_broken', '1 while a platform takes nothing from an account.', ['platform']),
    ofPlatforms: new Map(
      platformCounters.map(({ platform, name, help }) => {
        const full = `${platform}_${name}`;
        return [full, counter(full, help)] as const;
      }),
    ),
    dead: gauge(
      'dead_letters',
      'What waits for the operator: refused sends, sends that the room may show all the same, events that Lookout failed on.',
      ['kind'],
    ),
    storeReadable: gauge(
      'store_readable',
      '1 if the store answered just now; else what is counted in it is as it was at the last answer.',
    ),
  };
}

export type Instruments = ReturnType<typeof createInstruments>;
