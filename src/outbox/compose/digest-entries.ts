import { singularize } from '../../catalogue/inflect.ts';
import { postIdOf } from '../../catalogue/subject.ts';
import type { Database } from '../../store/tables.ts';
import { readStates } from '../../subject-rows/known-post.ts';
import { readNewest } from '../../subject-rows/read-events.ts';
import { foldPost } from '../../subjects/fold-post.ts';
import type { Clock } from '../../time/clock.ts';
import type { Event } from '../../words.ts';
import { countEach } from './count-each.ts';
import type { Entry } from './digest-message.ts';
import type { Draw } from './draw.ts';

/** One event that a digest shows. */
export type DigestEvent = Pick<Event, 'subject' | 'model' | 'role' | 'type' | 'receivedAt' | 'origin'>;

/** Counts the events of each model. A derived one beside others of its subject does not count. */
export function countEvents(told: readonly DigestEvent[]): ReadonlyMap<string, number> {
  const sent = new Set(told.filter(({ origin }) => origin !== 'derived').map(({ subject }) => subject));
  return countEach(
    told.filter(({ origin, subject }) => origin !== 'derived' || !sent.has(subject)).map(({ model }) => model),
  );
}

/** Returns the events that a message carries already, in the order of their slots. */
export async function carriedBy(db: Database, messageId: number): Promise<DigestEvent[]> {
  return db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select(['d.subject', 'e.model', 'e.role', 'e.type', 'e.received_at as receivedAt', 'e.origin'])
    .where('d.message_id', '=', messageId)
    .where('d.state', 'in', ['sent', 'planned'])
    .orderBy('d.slot')
    .execute();
}

/** Subjects that are read and folded in one turn of the event loop. */
const IN_A_TURN = 50;

export interface ReadEntriesOptions {
  readonly db: Database;
  readonly pageOf: Draw['pageOf'];
  /** Returns the posts of these whose titles the room hides. */
  readonly hidden: (subjects: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly clock: Clock;
}

/** Reads the current facts about the subjects of events, in the order of their first events. Lets everything else run in between. */
export async function readEntries(
  { db, pageOf, hidden, clock }: ReadEntriesOptions,
  told: readonly DigestEvent[],
): Promise<Entry[]> {
  const bySubject = Map.groupBy(told, ({ subject }) => subject);
  const subjects = [...bySubject.keys()];
  const entries: Entry[] = [];
  for (let at = 0; at < subjects.length; at += IN_A_TURN) {
    if (at > 0) await clock.turn();
    const some = subjects.slice(at, at + IN_A_TURN);
    const states = await readStates(db, some.filter(isPost));
    const newest = await readNewest(db, some);
    const masked = await hidden(some.filter(isPost));
    for (const subject of some) {
      const last = newest.get(subject);
      entries.push({
        ...factsOf(subject, bySubject.get(subject) ?? []),
        url: last === undefined ? null : pageOf(last),
        isHidden: masked.has(subject),
        post: isPost(subject) ? (states.get(subject) ?? foldPost([])) : null,
      });
    }
  }
  return entries;
}

const isPost = (subject: string) => postIdOf(subject) !== null;

function factsOf(subject: string, told: readonly DigestEvent[]): Omit<Entry, 'url' | 'post' | 'isHidden'> {
  const [first] = told;
  return {
    subject,
    label: first === undefined ? subject : labelOf(first),
    isReport: told.some(({ role, type }) => role === 'report' && type === 'create'),
    concluded: [...new Set(told.filter(({ origin }) => origin === 'derived').map(({ type }) => type))],
  };
}

const verbs: Readonly<Record<string, string>> = { create: 'created', update: 'changed', destroy: 'removed' };

/** Returns what happened to a subject, in words: `abuse report 5 created`, `post 1: feedback created`. */
export function labelOf({ subject, model, type }: Pick<DigestEvent, 'subject' | 'model' | 'type'>): string {
  const [kind = '', ...rest] = subject.split(':');
  const words = (text: string) => text.replaceAll('_', ' ');
  const about = `${words(kind)} ${rest.join(':')}`;
  const verb = words(verbs[type] ?? type);
  const singular = singularize(model);
  return singular === kind ? `${about} ${verb}` : `${about}: ${words(singular)} ${verb}`;
}
