import { sampleStory } from './samples/story.ts';
import type { WireEvent } from './wire-event.ts';

/**
 * Endless sample events, as a server of the API would send them: posts that are reported, judged, flagged and deleted, and
 * what goes on beside them; hostile ones among them, the first within a dozen. All names and domains are invented.
 *
 * Ids and times are minted from `startedAt` (Unix milliseconds): the same start tells the same events, a later one none that
 * were seen before (ids grow by ten a second). Times advance as the events would come at a human pace, about one a second.
 */
export function* sampleEvents(startedAt: number): Iterable<WireEvent> {
  for (const { event } of sampleStory(startedAt)) yield event;
}
