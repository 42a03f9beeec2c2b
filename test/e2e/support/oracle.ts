import type { EventObject } from '../../../src/words.ts';
import type { WireEvent } from './rails-server.ts';
import type { Recorded } from './recorder.ts';

/**
 * What Lookout promises about the events that a subscriber received, written from the promises and not from the code:
 * nothing lost, nothing twice, in order. It knows events by the text that the test's own template shows of them.
 */

/** One event that a room must show exactly once. */
export interface Expected {
  /** What `mark.hbs` shows of it. */
  readonly mark: string;
  readonly subject: string;
  readonly event: WireEvent;
  /** Place among all that arrived. */
  readonly arrival: number;
  /** Unix milliseconds. */
  readonly at: number;
  /** The highest id of a post whose create had arrived before. What is about a higher one waits for it. */
  readonly newestPostBefore: number;
}

/** One message of the room, by what it says and when the homeserver took it (Unix milliseconds). */
export interface Shown {
  readonly mark: string;
  readonly at: number;
}

const text = (value: unknown): string => (value === undefined || value === null ? '' : String(value));

/** What `mark.hbs` shows. */
export function markOf({ event_type, event_class, object }: WireEvent): string {
  return ['mark', event_class, event_type, text(object.id), text(object.updated_at), text(object.e2e)].join('|');
}

/** Promise 2: create and destroy happen once to an id; an update is known by `updated_at` and its row, whatever the order of its columns. */
function identityOf({ event_type, event_class, object }: WireEvent): string {
  const known = [event_class, text(object.id), event_type];
  if (object.id !== undefined && event_type !== 'update') return JSON.stringify(known);
  const sorted = Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([...known, sorted]);
}

/** What an event is about. The class name stands in for the singular model: it is only compared. */
function subjectOf({ event_class, object }: WireEvent): string {
  if (event_class === 'Ref') return 'source';
  if (event_class === 'Post') return `post:${text(object.id)}`;
  if (text(object.post_id) !== '') return `post:${text(object.post_id)}`;
  if (event_class === 'ReviewItem' && object.reviewable_type === 'Post') return `post:${text(object.reviewable_id)}`;
  return `${event_class}:${text(object.id)}`;
}

/** Follows what arrives and knows the events that a room must show, each once, in the order of their arrival. */
export interface Expectation {
  /** What is expected by now. Looks only at what arrived since it was last asked. */
  expected(): readonly Expected[];
}

/** `recorded` grows at its end. */
export function expectationOf(recorded: readonly Recorded[], mark: (event: WireEvent) => string = markOf): Expectation {
  const known = new Set<string>();
  const expected: Expected[] = [];
  let newestPost = 0;
  let seen = 0;
  return {
    expected() {
      for (; seen < recorded.length; seen++) {
        const { event, at } = recorded[seen]!;
        const identity = identityOf(event);
        if (known.has(identity)) continue;
        known.add(identity);
        const subject = subjectOf(event);
        expected.push({
          mark: mark(event),
          subject,
          event,
          arrival: expected.length,
          at,
          newestPostBefore: newestPost,
        });
        if (event.event_class === 'Post' && event.event_type === 'create')
          newestPost = Math.max(newestPost, Number(event.object.id));
      }
      return expected;
    },
  };
}

const rank = { create: 0, update: 1, destroy: 2 };

function seconds(object: EventObject): number | undefined {
  return typeof object.updated_at === 'string' ? Date.parse(object.updated_at) : undefined;
}

/** Promise 3, for two events of one subject that wait together: which goes first (negative: `a`). */
function compare(a: Expected, b: Expected): number {
  const byArrival = a.arrival - b.arrival;
  // A destroy stands behind all of its own row, also behind what was fetched later.
  const isSameRow = a.event.event_class === b.event.event_class && a.event.object.id === b.event.object.id;
  if (isSameRow && b.event.event_type === 'destroy' && a.event.event_type !== 'destroy') return -1;
  if (isSameRow && a.event.event_type === 'destroy' && b.event.event_type !== 'destroy') return 1;
  const [timeA, timeB] = [seconds(a.event.object), seconds(b.event.object)];
  if (a.event.event_type === 'destroy' || b.event.event_type === 'destroy') return byArrival;
  if (timeA === undefined || timeB === undefined) return byArrival;
  return timeA - timeB || rank[a.event.event_type] - rank[b.event.event_type] || byArrival;
}

/** It was fetched without a time. */
function isTimeless({ at, event }: Expected): boolean {
  return at === Number.POSITIVE_INFINITY && seconds(event.object) === undefined;
}

/** For how long what is about a new post waits for it (promise 3, 500 ms), less what a busy machine may lose. */
const surelyWaitsMs = 300;
/** A message may be on its way already when the event arrives that should have gone before it. */
const onItsWayMs = 500;

/** `late` came when `early` was perhaps sent already, so that the order of the two is nobody's fault. */
function cameTooLate(late: Expected, early: Expected, earlyShownAt: number, speed: number): boolean {
  const waitsForPost = late.event.event_class === 'Post' && late.event.event_type === 'create';
  const isNewPost = Number(late.event.object.id) > early.newestPostBefore;
  // What was fetched waits for nothing.
  if (waitsForPost && isNewPost && Number.isFinite(early.at) && late.at - early.at < surelyWaitsMs / speed)
    return false;
  return late.arrival > early.arrival && earlyShownAt < late.at + onItsWayMs;
}

/**
 * Something of a row came after the row's destroy, which has to stand behind it, and so does each destroy that came later still:
 * no order would keep to the arrival of all of them.
 */
function isForced(early: Expected, late: Expected, events: readonly Expected[]): boolean {
  if (late.event.event_type !== 'destroy' || early.event.event_type === 'destroy') return false;
  return events.some(
    ({ event, arrival }) =>
      event.event_type === 'destroy' &&
      event.event_class === early.event.event_class &&
      event.object.id === early.event.object.id &&
      arrival < late.arrival,
  );
}

/**
 * A destroy goes by arrival and all else by time: it stands behind what came before it, and so behind what is older than that,
 * and so on. `between`: what is shown between the two.
 */
function isHeldBack(early: Expected, late: Expected, between: readonly Expected[]): boolean {
  if (late.event.event_type !== 'destroy') return false;
  const behindEarly = [early];
  for (const middle of between) if (behindEarly.some((one) => compare(one, middle) <= 0)) behindEarly.push(middle);
  return behindEarly.some((one) => compare(one, late) <= 0);
}

/**
 * Everything that is wrong with what the room shows, in words; an empty list is what the test wants. `speed`: how much faster
 * Lookout's time runs than that of `at`. An event whose `at` is Infinity was fetched later: where a destroy is in play, or where
 * it has no time because the API did not give it, nobody is to blame for its place.
 */
export function complaints(expected: readonly Expected[], shown: readonly Shown[], speed = 1): string[] {
  const wrong: string[] = [];
  const known = new Map(expected.map((event) => [event.mark, event]));
  const places = new Map<string, number>();
  shown.forEach(({ mark }, place) => {
    if (places.has(mark)) wrong.push(`twice: ${mark}`);
    else if (!known.has(mark)) wrong.push(`never received: ${mark}`);
    places.set(mark, place);
  });
  for (const { mark } of expected) if (!places.has(mark)) wrong.push(`lost: ${mark}`);

  for (const events of Map.groupBy(expected, (event) => event.subject).values()) {
    const there = events.flatMap((event) => {
      const place = places.get(event.mark);
      return place === undefined ? [] : [{ event, place, at: shown[place]!.at }];
    });
    there.sort((a, b) => a.place - b.place);
    there.forEach((early, index) => {
      for (const [between, late] of there.slice(index + 1).entries()) {
        const middle = there.slice(index + 1, index + 1 + between).map(({ event }) => event);
        const isFetched = early.event.at === Number.POSITIVE_INFINITY && late.event.event.event_type === 'destroy';
        if (
          isFetched ||
          [early, late].some(({ event }) => isTimeless(event)) ||
          isForced(early.event, late.event, events) ||
          isHeldBack(early.event, late.event, middle) ||
          compare(early.event, late.event) <= 0 ||
          cameTooLate(late.event, early.event, early.at, speed)
        )
          continue;
        wrong.push(`order: ${early.event.mark} is shown before ${late.event.mark}`);
      }
    });
  }
  return wrong;
}
