import { type Identity, identify } from '../metasmoke/identity.ts';
import { postNumberOf } from '../metasmoke/subject.ts';
import type { Event } from '../words.ts';

/** The parts of the ingestion that keep the promises "nothing twice" and "in order". */
export interface IngestSafeguards {
  /** Promise 2: what makes an event this one and no other. */
  identify(event: Event): Identity;
  /** Promise 3: until when an event waits for its post; null: not at all. */
  awaitPostUntil(event: Event, asksForPosts: boolean, newestPost: number): number | null;
}

export const ingestSafeguards: IngestSafeguards = { identify, awaitPostUntil };

/** Milliseconds after its arrival in which an event waits for the post that it is about (promise 3). */
const AWAIT_POST_MS = 500;

/**
 * Until when an event waits for its post, Unix milliseconds, or null when it goes at once. The source does not keep order:
 * with Redis behind Action Cable 57 of 200 updates came before their create (measured). So whatever is about a post newer
 * than any seen waits a little, if the source was asked for posts at all. A create goes at once. A room's
 * worker lets such a wait end only when all that came in it is stored (`storedUntil`).
 */
export function awaitPostUntil(event: Event, asksForPosts: boolean, newestPost: number): number | null {
  if (!asksForPosts || event.origin !== 'live') return null;
  const post = postNumberOf(event.subject);
  if (post === null || Number(post) <= newestPost) return null;
  if (event.model === 'posts' && event.type !== 'update') return null;
  return event.receivedAt + AWAIT_POST_MS;
}
