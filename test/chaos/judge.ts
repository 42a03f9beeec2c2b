import type { EventObject, SentType } from '../../src/words.ts';
import { complaints, type Expected, expectationOf, type Shown } from '../e2e/support/oracle.ts';
import type { WireEvent } from '../e2e/support/rails-server.ts';
import type { Recorded } from '../e2e/support/recorder.ts';
import { leapMs, realTime, realTimeIfNeverSet, speed } from './fast-clock.ts';
import type { TrialKind } from './stage-rooms.ts';
import type { TrialStore } from './trial-store.ts';

/**
 * Returns the output of a trial's `mark.hbs`. A create is identified only by its id, because a fetched row has fewer
 * columns.
 */
export function markOf({ event_type, event_class, object }: WireEvent): string {
  const text = (value: unknown) => (value === undefined || value === null ? '' : String(value));
  const version = event_type === 'update' ? `|${text(object.updated_at)}|${text(object.e2e)}` : '';
  return `mark|${event_class}|${event_type}|${text(object.id)}${version}`;
}

/** The template that prints it. */
export const markTemplate =
  'mark|{{event.class}}|{{event.type}}|{{object.id}}{{#if (eq event.type "update")}}|{{object.updated_at}}|{{object.e2e}}{{/if}}\n';

/** A room at the end of a trial. `digest`: its messages name subjects, not events. */
export interface JudgedRoom {
  readonly name: string;
  readonly address: string;
  readonly kind: 'marks' | 'digest';
  /** True if Lookout could always read the room: then it must know of each send with a mark if it was accepted. */
  readonly tells: boolean;
  readonly shown: readonly Shown[];
  /** The text of every message by its platform id, including messages that a moderator deleted. */
  readonly texts: ReadonlyMap<string, string>;
}

export interface Evidence {
  readonly kind: TrialKind;
  readonly epoch: number;
  /** The events that the undisturbed subscriber received. */
  readonly recorded: readonly Recorded[];
  /** Time at which each event was passed to the source, by its mark, Unix milliseconds. */
  readonly emittedAt: ReadonlyMap<string, number>;
  /** Creates of rows that the API lists at the end. */
  readonly listed: readonly WireEvent[];
  readonly store: TrialStore;
  readonly rooms: readonly JudgedRoom[];
  readonly unreadable: readonly string[];
}

export interface Verdict {
  readonly events: number;
  readonly lost: readonly string[];
  readonly duplicated: readonly string[];
  readonly outOfOrder: readonly string[];
  /** Dead letters except those that may say `maybe sent`. */
  readonly dead: readonly string[];
  /** Faults of encrypted rooms: see `MatrixSide`. */
  readonly unreadable: readonly string[];
  readonly maybeSent: number;
  readonly inGap: number;
  readonly recovered: number;
  readonly late: number;
}

/** Delay after its event from which a message is late, ms of Lookout's time. */
const LATE_MS = 60_000;
/** Margin for frames on their way when a gap began and ended, ms of real time. */
const gapMargin = 150;

interface StoredRow {
  readonly id: number;
  readonly class: string;
  readonly type: SentType;
  readonly object: string;
  readonly received_at: number;
  readonly origin: string;
  /** Time when a room's worker first worked on it; null: none did. */
  readonly worked_on_at: number | null;
}

interface GapRow {
  readonly from_at: number;
  readonly until_at: number;
}

/** Returns the times that a gap may state, in real time: its beginning and end. */
function timesOf(epoch: number, { from_at, until_at }: GapRow): readonly (readonly [number, number])[] {
  // If the clock was set back while no process ran, the gap begins as long ago as the API is requested.
  const from = until_at - from_at < leapMs ? realTime(epoch, from_at) : Number.NEGATIVE_INFINITY;
  return [
    [from, realTime(epoch, until_at)],
    // A gap that contains others because a clock was set back in between is true as it is written.
    [realTimeIfNeverSet(epoch, from_at), realTimeIfNeverSet(epoch, until_at)],
  ];
}

/** Compares the emitted events with the content of each room. Pure except for reading the store. */
export async function judge(evidence: Evidence): Promise<Verdict> {
  const { kind, epoch, recorded, emittedAt, listed, store, rooms, unreadable } = evidence;
  const stored = await store.all<StoredRow>(
    `select e.id, class, type, object, received_at, origin, min(first_attempt_at) as worked_on_at
     from events e left join deliveries d on d.event_id = e.id group by e.id order by e.id`,
  );
  const instants = await store.instants();
  const gaps = await store.all<GapRow>('select from_at, until_at from gaps');
  const settled = await store.all<{
    address: string;
    event_id: number;
    state: string;
    reason: string | null;
    platform_id: string;
    last_attempt_at: number | null;
    payload: string | null;
  }>(
    `select r.address, d.event_id, d.state, d.reason, m.platform_id, d.last_attempt_at, s.payload from deliveries d
     join rooms r on r.id = d.room_id left join messages m on m.id = d.message_id
     left join sends s on s.message_id = m.id and s.state = 'dead' and d.state = 'dead'`,
  );

  const wires = stored.map(
    ({ class: event_class, type: event_type, object }): WireEvent => ({
      event_class,
      event_type,
      object: JSON.parse(object) as EventObject,
    }),
  );
  // In the order and at the times in which Lookout received them: events fetched later may appear later.
  const asHad = stored.map(({ id, received_at, origin, worked_on_at }, index): Recorded => {
    // In a flood an event waits for its turn to be stored, and until then nothing can be behind it.
    const hadAt = kind === 'flood' ? (worked_on_at ?? received_at) : received_at;
    const event = wires[index]!;
    if (origin === 'backfilled') return { event, at: Number.POSITIVE_INFINITY };
    // Another process than that of the source sees an event when it is stored, and the database may be cut off from that one alone.
    const storedAt = instants?.stored.get(id);
    if (storedAt !== undefined) return { event, at: storedAt };
    return { event, at: realTime(epoch, hadAt), heardAt: realTime(epoch, received_at) };
  });
  const order = expectationOf(asHad, markOf).expected();
  const wanted = expectationOf(
    [...recorded, ...listed.map((event) => ({ event, at: Number.POSITIVE_INFINITY }))],
    markOf,
  ).expected();

  const isListed = new Set(listed.map(markOf));
  const isInGap = ({ mark, at }: Expected) =>
    !isListed.has(mark) &&
    gaps
      .flatMap((gap) => timesOf(epoch, gap))
      .some(([from, until]) => at + gapMargin >= from && (emittedAt.get(mark) ?? at) - gapMargin <= until);
  const eventIdOf = new Map(stored.map(({ id }, index) => [markOf(wires[index]!), id]));
  const markById = new Map([...eventIdOf].map(([mark, id]) => [id, mark]));
  const lost: string[] = [];
  const duplicated: string[] = [];
  const outOfOrder: string[] = [];
  const dead: string[] = [];
  const inGap = new Set<string>();
  let maybeSent = 0;
  let late = 0;

  for (const room of rooms) {
    const ofRoom = settled.filter((delivery) => delivery.address === room.address);
    const byEvent = new Map(ofRoom.map((delivery) => [delivery.event_id, delivery]));
    const shown = new Set(room.shown.map(({ mark }) => mark));
    // Events that arrived after a message was made had to follow it, however often it was sent.
    const asPlanned = ({ mark, at }: Shown): Shown => {
      const id = eventIdOf.get(mark) ?? -1;
      const attempted = byEvent.get(id)?.last_attempt_at;
      const planned =
        instants?.planned.get(`${room.address} ${id}`) ?? (attempted == null ? null : realTime(epoch, attempted));
      return { mark, at: planned === null ? at : Math.min(at, planned) };
    };
    const isShown = ({ mark, subject }: Expected) => {
      if (room.kind === 'marks' || shown.has(mark)) return shown.has(mark);
      const delivery = byEvent.get(eventIdOf.get(mark) ?? -1);
      const text = room.texts.get(delivery?.platform_id ?? '');
      const id = subject.slice(subject.indexOf(':') + 1);
      // A digest names subjects, and a message that was deleted may have shown the mark.
      return delivery?.state === 'sent' && text !== undefined && (text.includes(id) || text.includes(mark));
    };
    for (const { event_id, reason, payload } of ofRoom.filter(({ state }) => state === 'dead')) {
      const isMarked = room.address.startsWith('matrix:') || payload?.includes('#lk-') === true;
      if (reason?.startsWith('maybe sent') && !(room.tells && isMarked)) maybeSent++;
      else dead.push(`${room.name}: ${markById.get(event_id)}: ${reason}`);
    }
    for (const event of wanted) {
      if (isShown(event)) continue;
      const delivery = byEvent.get(eventIdOf.get(event.mark) ?? -1);
      if (delivery?.state === 'dead') continue;
      if (isInGap(event)) inGap.add(event.mark);
      else
        lost.push(
          `${room.name}: ${event.mark}${delivery === undefined ? '' : ` (${delivery.state} ${delivery.reason})`}`,
        );
    }
    const times = Map.groupBy(room.shown, ({ mark }) => mark);
    for (const [mark, all] of times) if (all.length > 1) duplicated.push(`${room.name}: ${mark} ${all.length} times`);
    if (room.kind === 'marks')
      outOfOrder.push(
        ...complaints(order, room.shown.map(asPlanned), speed)
          .filter((text) => text.startsWith('order: '))
          .map((text) => `${room.name}: ${text}`),
      );
    const at = new Map(wanted.map((event) => [event.mark, event.at]));
    for (const one of room.shown) if ((one.at - (at.get(one.mark) ?? one.at)) * speed > LATE_MS) late++;
  }
  return {
    events: wanted.length,
    lost,
    duplicated,
    outOfOrder,
    dead,
    unreadable,
    maybeSent,
    inGap: inGap.size,
    recovered: stored.filter(({ origin, type }) => origin === 'backfilled' && type === 'create').length,
    late,
  };
}
