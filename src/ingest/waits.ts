import type { Router } from '../router/router.ts';
import type { Event } from '../words.ts';
import { awaitNameUntil } from './await-name.ts';
import { AWAIT_DETAILS_MS, type DetailsPace } from './details/details-pace.ts';
import type { NewEvent } from './new-event.ts';
import type { IngestSafeguards } from './safeguards.ts';

export interface WaitsOptions {
  readonly router: Pick<Router, 'union'>;
  /** Returns true if there is an API that can be asked about posts. */
  readonly hasApi: () => boolean;
  /** Knows if a report may wait for its details. */
  readonly pace: Pick<DetailsPace, 'isQuick'>;
  /** The highest id of a post seen before the start. */
  readonly newestPost: number;
  readonly safeguards: Pick<IngestSafeguards, 'awaitPostUntil'>;
}

/** The ends of an event's waits, Unix milliseconds; null: it does not wait. */
export type WaitsOfEvent = Pick<NewEvent, 'awaitPostUntil' | 'awaitDetailsUntil' | 'awaitNameUntil'>;

/**
 * Makes the part that chooses what an event waits for: its post, its details or the name of its voter. Call it for each
 * event in order of arrival, since it keeps the newest ids. `asksForPosts`: the source sends the creates of posts.
 */
export function createWaits(options: WaitsOptions): (event: Event, asksForPosts: boolean) => WaitsOfEvent {
  const { router, hasApi, pace, safeguards } = options;
  let { newestPost } = options;
  let newestVote: number | null = null;

  return (event, asksForPosts) => {
    const { role, type, origin, receivedAt } = event;
    const isReported = role === 'report' && type === 'create';
    const waits = {
      awaitPostUntil: safeguards.awaitPostUntil(event, asksForPosts, newestPost),
      awaitDetailsUntil:
        isReported && origin === 'live' && hasApi() && pace.isQuick ? receivedAt + AWAIT_DETAILS_MS : null,
      awaitNameUntil: awaitNameUntil(event, router.union, newestVote),
    };
    const id = Number(event.rowId) || 0;
    if (isReported) newestPost = Math.max(newestPost, id);
    if (role === 'vote' && type === 'create') newestVote = Math.max(newestVote ?? 0, id);
    return waits;
  };
}
