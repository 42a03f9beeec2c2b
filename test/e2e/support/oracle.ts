import type { WireEvent } from './rails-server.ts';
import type { Recorded } from './recorder.ts';

/**
 * Lookout's promises about the events that a subscriber received, written from the promises and not from the code:
 * nothing lost, nothing twice, in order. It identifies events by the text that the test's own template shows.
 */

/** One event that a room must show exactly once. */
export interface Expected {
  /** The text of its `mark.hbs`. */
  readonly mark: string;
  readonly subject: string;
  readonly event: WireEvent;
  /** Its place among all events by arrival. */
  readonly arrival: number;
  /** Unix milliseconds. */
  readonly at: number;
  /** Time of its arrival: a wait for its post begins then. */
  readonly heardAt: number;
  /** The highest id of a post whose create had arrived before. An event about a higher one waits for it. */
  readonly newestPostBefore: number;
}

/** One message of the room: its text, and when the homeserver accepted it (Unix milliseconds). */
export interface Shown {
  readonly mark: string;
  readonly at: number;
}

const text = (value: unknown): string => (value === undefined || value === null ? '' : String(value));

/** Returns the text of `mark.hbs`. */
export function markOf({ event_type, event_class, object }: WireEvent): string {
  return ['mark', event_class, event_type, text(object.id), text(object.updated_at), text(object.e2e)].join('|');
}

/**
 * Promise 2: create and destroy happen once per id; an update is identified by `updated_at` and its row, with its
 * columns in any order.
 */
function identityOf({ event_type, event_class, object }: WireEvent): string {
  const known = [event_class, text(object.id), event_type];
  if (object.id !== undefined && event_type !== 'update') return JSON.stringify(known);
  const sorted = Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([...known, sorted]);
}

/** Returns the subject of an event. The class name stands in for the singular model: it is only compared. */
function subjectOf({ event_class, object }: WireEvent): string {
  if (event_class === 'Ref') return 'source';
  if (event_class === 'Post') return `post:${text(object.id)}`;
  if (text(object.post_id) !== '') return `post:${text(object.post_id)}`;
  if (event_class === 'ReviewItem' && object.reviewable_type === 'Post') return `post:${text(object.reviewable_id)}`;
  return `${event_class}:${text(object.id)}`;
}

/** Follows the arriving events and knows those that a room must show, each once, in order of arrival. */
export interface Expectation {
  /** Returns the events expected by now. Reads only those that arrived since the last call. */
  expected(): readonly Expected[];
}

/** Creates the expectation. `recorded` grows at its end. */
export function expectationOf(recorded: readonly Recorded[], mark: (event: WireEvent) => string = markOf): Expectation {
  const known = new Set<string>();
  const expected: Expected[] = [];
  let newestPost = 0;
  let seen = 0;
  return {
    expected() {
      for (; seen < recorded.length; seen++) {
        const { event, at, heardAt = at } = recorded[seen]!;
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
          heardAt,
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

/** Returns true if it was fetched: it came later than everything that arrived. */
const isFetched = ({ at }: Expected) => at === Number.POSITIVE_INFINITY;

/** Returns the time at which it happened: a fetched row stands for its create, even if it was changed since. */
function timeOf(expected: Expected): number | undefined {
  const { created_at, updated_at } = expected.event.object;
  const times = isFetched(expected) ? [created_at, updated_at] : [updated_at];
  const known = times.flatMap((time) => (typeof time === 'string' ? Date.parse(time) : []));
  return known.length === 0 ? undefined : Math.min(...known);
}

function isFetchedReport(expected: Expected): boolean {
  const { event_class: name, event_type: type } = expected.event;
  return isFetched(expected) && name === 'Post' && type === 'create';
}

/** Promise 3, for two events of one subject that wait together: which is first (negative: `a`). */
function compare(a: Expected, b: Expected): number {
  const byArrival = a.arrival - b.arrival;
  // A destroy is behind everything of its own row, even behind rows fetched later.
  const isSameRow = a.event.event_class === b.event.event_class && a.event.object.id === b.event.object.id;
  if (isSameRow && b.event.event_type === 'destroy' && a.event.event_type !== 'destroy') return -1;
  if (isSameRow && a.event.event_type === 'destroy' && b.event.event_type !== 'destroy') return 1;
  const [timeA, timeB] = [timeOf(a), timeOf(b)];
  if (a.event.event_type === 'destroy' || b.event.event_type === 'destroy') return byArrival;
  // Nothing about a post comes before its report; a fetched one may have the second of its first flag.
  if (isFetchedReport(a) !== isFetchedReport(b)) return isFetchedReport(a) ? -1 : 1;
  if (timeA === undefined || timeB === undefined) return byArrival;
  return timeA - timeB || rank[a.event.event_type] - rank[b.event.event_type] || byArrival;
}

/** Returns true if it was fetched without a time. */
function isTimeless(expected: Expected): boolean {
  return isFetched(expected) && timeOf(expected) === undefined;
}

/** Time for which an event about a new post waits for it (promise 3, 500 ms), less a margin for a busy machine, ms. */
const surelyWaitsMs = 300;
/** A message may already be on its way when an event arrives that should have been before it, ms. */
const onItsWayMs = 500;

/** Returns true if `late` came when `early` may already have been sent, so that their order is not a fault. */
function cameTooLate(late: Expected, early: Expected, earlyShownAt: number, speed: number): boolean {
  const waitsForPost = late.event.event_class === 'Post' && late.event.event_type === 'create';
  const isNewPost = Number(late.event.object.id) > early.newestPostBefore;
  // A fetched event does not wait.
  if (waitsForPost && isNewPost && Number.isFinite(early.at) && late.heardAt - early.heardAt < surelyWaitsMs / speed)
    return false;
  return late.arrival > early.arrival && earlyShownAt < late.at + onItsWayMs;
}

/**
 * Returns true if something of a row came after the row's destroy, which has to be behind it, and so has each destroy
 * that came later still: no order could follow the arrival of all of them.
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
 * Returns true if `early` is held back by destroys. A destroy is ordered by arrival and everything else by time: it is
 * behind everything that came before it, and so behind older events than that, and so on. `between`: the events shown
 * between the two.
 */
function isHeldBack(early: Expected, late: Expected, between: readonly Expected[]): boolean {
  if (late.event.event_type !== 'destroy') return false;
  const behindEarly = [early];
  for (const middle of between) if (behindEarly.some((one) => compare(one, middle) <= 0)) behindEarly.push(middle);
  return behindEarly.some((one) => compare(one, late) <= 0);
}

/**
 * Describes every fault of the room; an empty list is the goal. `speed`: how much faster Lookout's time runs than that
 * of `at`. An event whose `at` is Infinity was fetched later: if a destroy is involved, or if it has no time because
 * the API did not return it, its place is not a fault.
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
        if (
          (isFetched(early.event) && late.event.event.event_type === 'destroy') ||
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
