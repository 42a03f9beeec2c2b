import type { Clock } from '../../clock.ts';
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

/** So many subjects are read and folded in one turn of the event loop. */
const IN_A_TURN = 50;

/** What is known now about the subjects of events, in the order in which they come up. Lets everything else run in between. */
export async function readEntries(db: Database, told: readonly Told[], clock: Clock): Promise<Entry[]> {
  const bySubject = Map.groupBy(told, ({ subject }) => subject);
  const subjects = [...bySubject.keys()];
  const entries: Entry[] = [];
  for (let at = 0; at < subjects.length; at += IN_A_TURN) {
    if (at > 0) await clock.turn();
    const some = subjects.slice(at, at + IN_A_TURN);
    const known = await readEvents(db, some, 'without');
    for (const subject of some) entries.push(entryOf(subject, bySubject.get(subject) ?? [], known.get(subject) ?? []));
  }
  return entries;
}

function entryOf(subject: string, told: readonly Told[], events: readonly Event[]): Entry {
  const newest = events.at(-1);
  const [first] = told;
  return {
    subject,
    url: newest === undefined ? null : metasmokeLink(newest),
    post: subject.startsWith('post:') ? foldPost(events) : null,
    label: `${subject} (${first?.model}#${first?.type})`,
    isReport: told.some(({ model, type }) => model === 'posts' && type === 'create'),
    concluded: [...new Set(told.filter(({ origin }) => origin === 'derived').map(({ type }) => type))],
  };
}
