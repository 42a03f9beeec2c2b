import { postIdOf } from '../catalogue/subject.ts';
import type { Database, Trx } from '../store/tables.ts';
import { subjectValues } from '../subjects/subject-values.ts';
import type { Event, EventObject } from '../words.ts';
import { readState } from './known-post.ts';
import { readDetails } from './read-details.ts';

/**
 * Returns what is stored about the post of an event, as the values of conditions over `subject`; null if the event does
 * not lead to a post. `now`: Unix milliseconds.
 */
export async function readSubject(
  db: Database | Trx,
  { subject }: Pick<Event, 'subject'>,
  now: number,
): Promise<EventObject | null> {
  if (postIdOf(subject) === null) return null;
  const state = await readState(db, subject);
  return subjectValues(state, await readDetails(db, subject, state), now);
}
