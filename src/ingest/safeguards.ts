import { type Identity, identify } from '../catalogue/identity.ts';
import { postNumberOf } from '../catalogue/subject.ts';
import type { Event } from '../words.ts';
import type { NewEvent } from './new-event.ts';

/** The parts of the ingestion that keep the promises "nothing twice" and "in order". */
export interface IngestSafeguards {
  /** Promise 2: returns the identity by which an event is known. */
  identify(event: Event): Identity;
  /** Promise 3: returns the end of an event's wait for its post; null if it does not wait. */
  awaitPostUntil(event: Event, asksForPosts: boolean, newestPost: number): number | null;
}

export const ingestSafeguards: IngestSafeguards = { identify, awaitPostUntil };

/** Longest time for which an event waits for the post that it is about, from the source or the API, from its arrival, ms (promise 3). */
const AWAIT_POST_MS = 500;

/**
 * Returns the end of an event's wait for its post, Unix milliseconds; null if it is sent at once. The source does not keep order:
 * with Redis behind Action Cable 57 of 200 updates came before their create (measured). So an event about a post newer
 * than any seen waits a little, if posts were requested at all. A create is sent at once. A room's
 * worker ends such a wait only after everything that came meanwhile is stored (`storedUntil`).
 */
export function awaitPostUntil(event: Event, asksForPosts: boolean, newestPost: number): number | null {
  if (!asksForPosts || event.origin !== 'live') return null;
  const post = postNumberOf(event.subject);
  if (post === null || Number(post) <= newestPost) return null;
  if (event.role === 'report' && event.type !== 'update') return null;
  return event.receivedAt + AWAIT_POST_MS;
}

/**
 * Returns the end of an event's wait for a post that the API is asked for, Unix milliseconds; null if it is sent at once:
 * what is fetched after a long gap waits longer anyway.
 */
export function answerAwaitedUntil({ event, catchUp }: Pick<NewEvent, 'event' | 'catchUp'>): number | null {
  return catchUp === null ? event.receivedAt + AWAIT_POST_MS : null;
}
