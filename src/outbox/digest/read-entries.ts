import { countEach } from '../../count-each.ts';
import { metasmokeLink } from '../../metasmoke/links.ts';
import type { Database } from '../../store/tables.ts';
import { foldPost } from '../../subjects/fold-post.ts';
import { readEvents } from '../../subjects/read-events.ts';
import type { Event } from '../../words.ts';
import type { Entry } from './digest-message.ts';

/** One event that a digest tells of. */
export type Told = Pick<Event, 'subject' | 'model' | 'type' | 'receivedAt' | 'origin'>;

/** How many events of each model are told of. A derived one beside others of its subject is no second thing that happened. */
export function countTold(told: readonly Told[]): ReadonlyMap<string, number> {
  const sent = new Set(told.filter(({ origin }) => origin !== 'derived').map(({ subject }) => subject));
  return countEach(
    told.filter(({ origin, subject }) => origin !== 'derived' || !sent.has(subject)).map(({ model }) => model),
  );
}

/** The events that a message tells of already, in the order of their slots. */
export async function toldBy(db: Database, messageId: number): Promise<Told[]> {
  return db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select(['e.subject', 'e.model', 'e.type', 'e.received_at as receivedAt', 'e.origin'])
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
  const concluded = told.filter(({ origin }) => origin === 'derived');
  const known = await readEvents(db, subjects, 'without');
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
      concluded: [...new Set(concluded.filter((event) => event.subject === subject).map(({ type }) => type))],
    };
  });
}
