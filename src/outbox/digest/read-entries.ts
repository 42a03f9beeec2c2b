import { sql } from 'kysely';
import { metasmokeLink } from '../../metasmoke/links.ts';
import { storedEvent } from '../../store/stored-event.ts';
import type { Database } from '../../store/tables.ts';
import { foldPost } from '../../subjects/fold-post.ts';
import type { Event } from '../../words.ts';
import { inOrder } from '../order.ts';
import type { Entry } from './digest-message.ts';

/** So many events of the subjects of one digest are looked at. */
const mostEvents = 5_000;

/** One event that a digest tells of. */
export type Told = Pick<Event, 'subject' | 'model' | 'type' | 'receivedAt'>;

/** The events that a message tells of already, in the order of their slots. */
export async function toldBy(db: Database, messageId: number): Promise<Told[]> {
  return db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select(['e.subject', 'e.model', 'e.type', 'e.received_at as receivedAt'])
    .where('d.message_id', '=', messageId)
    .where('d.state', 'in', ['sent', 'planned'])
    .orderBy('d.slot')
    .execute();
}

/** What is known now about the subjects of events, in the order in which they come up. */
export async function readEntries(db: Database, told: readonly Told[]): Promise<Entry[]> {
  const subjects = [...new Set(told.map(({ subject }) => subject))];
  const reports = new Set(
    told.filter(({ model, type }) => model === 'posts' && type === 'create').map(({ subject }) => subject),
  );
  const known = await eventsOf(db, subjects);
  return subjects.map((subject) => {
    const events = known.get(subject) ?? [];
    const newest = events.at(-1);
    const first = told.find((event) => event.subject === subject);
    return {
      subject,
      url: newest === undefined ? null : metasmokeLink(newest),
      post: subject.startsWith('post:') ? foldPost(events) : null,
      label: `${subject} (${first?.model}#${first?.type})`,
      isReport: reports.has(subject),
    };
  });
}

/** By subject, in the order in which things happened, without the long texts of posts: a digest shows none of them. */
async function eventsOf(db: Database, subjects: readonly string[]): Promise<Map<string, Event[]>> {
  const rows = await db
    .selectFrom('events')
    .select(['id', 'source', 'model', 'class', 'row_id', 'type', 'subject', 'updated_at', 'received_at', 'origin'])
    .select(
      sql<string>`json_remove(object, '$.body', '$.markdown', '$.why', '$.comment', '$.error_message')`.as('object'),
    )
    .where('subject', 'in', subjects)
    .orderBy('id', 'desc')
    .limit(mostEvents)
    .execute();
  const bySubject = Map.groupBy(
    rows.map((row) => ({ ...storedEvent(row), arrival: row.id })),
    ({ subject }) => subject,
  );
  return new Map([...bySubject].map(([subject, events]) => [subject, inOrder(events)]));
}
