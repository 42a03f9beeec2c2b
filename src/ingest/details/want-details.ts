import { sql } from 'kysely';
import type { DetailName } from '../../catalogue/detail-names.ts';
import { anyPostSubject, postIdOf, postNumberOf } from '../../catalogue/subject.ts';
import type { SubscriptionOptions } from '../../router/subscription-options.ts';
import { atLeast, numberIn } from '../../store/sql.ts';
import { statement } from '../../store/statement.ts';
import type { Database, Trx } from '../../store/tables.ts';
import type { Event } from '../../words.ts';
import type { NewNames } from './known-names.ts';

/**
 * Data that can be wanted: details of a post, the post itself, if the source did not send it, or the name of a user or
 * a site.
 */
export type WantedName = DetailName | 'post' | 'name';

/** Data that metasmoke's API can be asked for: details of cards, with or without posts that the source did not send. */
export type Askable = 'details' | 'details and posts';

/** Delay before a post that is not here yet is fetched, ms: the source does not keep order. */
const POST_LATE_MS = 5_000;
/** The same for a post that a message waits for. An event that overtook its post did so by some milliseconds. */
const POST_AWAITED_MS = 100;
/** Delay until the API has the row of an event, ms: after 5 s 3 % are still missing (measured). */
const ROW_LATE_MS = 5_000;
/**
 * Delay before the details of a new report are fetched, ms: right after its event the API does not have it (99 of 100
 * times, measured), and the answer has to be here within `AWAIT_DETAILS_MS`.
 */
const REPORT_LATE_MS = 150;
/** Age up to which cards are refreshed after a gap, ms. */
const REFRESH_MS = 24 * 3_600_000;

/** The facts by which the data to be requested for an event is chosen. */
export interface WantOptions {
  readonly deliveries: readonly {
    readonly options: Pick<SubscriptionOptions, 'details'>;
    readonly needsReasons: boolean;
  }[];
  /** The details that conditions ask about. */
  readonly details: readonly DetailName[];
  readonly askable: Askable;
  /** End of the wait for a post that the source may still send; null: it will not. */
  readonly awaitPostUntil: number | null;
  readonly names: NewNames;
}

/**
 * Notes, in the transaction that writes an event, the details of its post and the names that are to be requested. Returns
 * true if its messages are to wait for the post or a name: nothing of it is known, and the API was not asked for it in vain.
 */
export async function wantOf(trx: Trx, event: Event, options: WantOptions): Promise<boolean> {
  const areNamesAwaited = await wantNames(trx, event, options);
  if (postNumberOf(event.subject) === null) return areNamesAwaited;
  const said = await saidOf(trx, event.subject);
  await wantDetails(trx, event, said, options);
  return (await wantPost(trx, event, said, options)) || areNamesAwaited;
}

async function wantNames(trx: Trx, event: Event, { deliveries, names }: WantOptions): Promise<boolean> {
  if (deliveries.length === 0) return false;
  let isAwaited = false;
  for (const subject of names.unknown) {
    if (await isDenied(trx, subject, await saidOf(trx, subject))) continue;
    await want(trx, { subject, names: ['name'], dueAt: event.receivedAt, now: event.receivedAt });
    isAwaited = true;
  }
  return isAwaited;
}

async function wantDetails(trx: Trx, event: Event, said: Said, { deliveries, details }: WantOptions): Promise<void> {
  const { subject, receivedAt: now } = event;
  const names = new Set([...details, ...deliveries.flatMap(({ options }) => options.details)]);
  const isNew = event.role === 'report' && event.type === 'create' && event.origin === 'live';
  // The event does not name the flagger.
  const isFlag = event.role === 'flag' && event.type === 'create' && event.object.success === true;
  // A post that the API denied is there after all if its row comes.
  const areKnown = said.answer === 'there' || (said.answer === 'absent' && event.role !== 'report');
  if (names.has('reasons') && said.lacksReasons) {
    await want(trx, { subject, names: [...names], dueAt: now, now });
  } else if (areKnown && (names.size > 0 || isFlag)) {
    if (isFlag) await want(trx, { subject, names: ['flags'], dueAt: now + ROW_LATE_MS, now });
  } else if (names.size > 0)
    await want(trx, { subject, names: [...names], dueAt: now + (isNew ? REPORT_LATE_MS : 0), now });
  else if (isFlag) await wantFlagsToo(trx, subject);
}

async function wantPost(
  trx: Trx,
  event: Event,
  said: Said,
  { deliveries, askable, awaitPostUntil }: WantOptions,
): Promise<boolean> {
  const { subject, receivedAt: now } = event;
  const isShown = deliveries.length > 0;
  if (event.role === 'report' || (!isShown && askable === 'details')) return false;
  if ((await hasPost(trx, subject)) || (await isDenied(trx, subject, said))) return false;
  const lateMs = !isShown ? POST_LATE_MS : awaitPostUntil !== null ? POST_AWAITED_MS : 0;
  // Reasons tell if a room hides its title.
  const names = deliveries.some(({ needsReasons }) => needsReasons)
    ? (['post', 'reasons'] as const)
    : (['post'] as const);
  await want(trx, { subject, names, dueAt: now + lateMs, now });
  return isShown;
}

/**
 * Requests the details of every open card of the last day after a gap, since the API cannot list updates and destroys:
 * behind those of newer posts, and the newest card first.
 */
export async function wantOpenCards(trx: Trx, now: number): Promise<void> {
  const cards = await trx
    .selectFrom('cards')
    .select((s) => ['subject', s.fn.max<number>('created_at').as('createdAt')])
    .groupBy('subject')
    .where('state', '=', 'open')
    .where('created_at', '>', now - REFRESH_MS)
    .where('subject', 'like', anyPostSubject)
    .execute();
  for (const { subject, createdAt } of cards) {
    await want(trx, { subject, names: ['post', 'feedbacks', 'flags'], dueAt: now, now, since: createdAt });
  }
}

/** Requests the flags of a post later. */
export async function wantFlagsAt(
  trx: Trx,
  subject: string,
  { dueAt, now }: { readonly dueAt: number; readonly now: number },
): Promise<void> {
  await want(trx, { subject, names: ['flags'], dueAt, now });
}

/** Requests a post of which nothing was requested, to know that the API has it. */
export async function wantKnown(trx: Trx, subject: string, now: number): Promise<void> {
  if ((await wantedNames(trx, subject)) === null) await want(trx, { subject, names: ['reasons'], dueAt: now, now });
}

const rowOfPost = statement((db, { id }: { readonly id: string | null }) =>
  db
    .selectFrom('events')
    .select('id')
    .where('role', '=', sql.lit('report'))
    .where('row_id', '=', id)
    .where('origin', '<>', sql.lit('derived'))
    .limit(sql.lit(1)),
);

/** Returns true if there is a row of the post, from the source or the API. */
export async function hasPost(db: Database | Trx, subject: string): Promise<boolean> {
  return (await rowOfPost.first(db, { id: postIdOf(subject) })) !== undefined;
}

/** The answer of the API about a subject: it told about it, it does not have it, or it was not asked. */
interface Said {
  readonly answer: 'there' | 'absent' | 'none';
  /** It told about a post, but was not asked for its reasons. */
  readonly lacksReasons: boolean;
}

interface OfSubject {
  readonly subject: string;
}

const detailsOf = statement((db, { subject }: OfSubject) =>
  db.selectFrom('post_details').select(['absent_at', 'reasons']).where('subject', '=', subject),
);

const triedOf = statement((db, { subject }: OfSubject) =>
  db.selectFrom('wanted_details').select('subject').where('subject', '=', subject).where('tries', '>', sql.lit(0)),
);

async function saidOf(trx: Trx, subject: string): Promise<Said> {
  const details = await detailsOf.first(trx, { subject });
  if (details === undefined) return { answer: 'none', lacksReasons: false };
  const isThere = details.absent_at === null;
  return { answer: isThere ? 'there' : 'absent', lacksReasons: isThere && details.reasons === null };
}

/** Returns true if the API was asked for a subject and does not have it, for good or for now. */
async function isDenied(trx: Trx, subject: string, { answer }: Said): Promise<boolean> {
  return answer === 'absent' || (await triedOf.first(trx, { subject })) !== undefined;
}

/** Returns true if the details of a reported post are known. One that the API denied is there after all if its row comes. */
export async function hasDetails(trx: Trx, { subject }: Event): Promise<boolean> {
  return (await saidOf(trx, subject)).answer === 'there';
}

interface Want {
  readonly subject: string;
  readonly names: readonly WantedName[];
  readonly dueAt: number;
  readonly now: number;
  /** The age of the request counts from here, Unix milliseconds; default: now. */
  readonly since?: number;
}

const wantedOf = statement((db, { subject }: OfSubject) =>
  db.selectFrom('wanted_details').select('names').where('subject', '=', subject),
);

/** Returns the data that is wanted of a post already; null: nothing is. */
async function wantedNames(trx: Trx, subject: string): Promise<readonly WantedName[] | null> {
  const wanted = await wantedOf.first(trx, { subject });
  return wanted === undefined ? null : (JSON.parse(wanted.names) as WantedName[]);
}

/** Adds the flags to what is wanted of a post, if anything is: its first details are being fetched. */
async function wantFlagsToo(trx: Trx, subject: string): Promise<void> {
  const names = (await wantedNames(trx, subject)) ?? [];
  if (names.length === 0 || names.includes('flags') || names.every((name) => name === 'post')) return;
  await trx
    .updateTable('wanted_details')
    .set({ names: JSON.stringify([...names, 'flags']) })
    .where('subject', '=', subject)
    .execute();
}

interface Wanting {
  readonly subject: string;
  readonly names: string;
  readonly dueAt: number;
  readonly now: number;
  readonly since: number;
}

const putWanted = statement((db, { subject, names, dueAt, now, since }: Wanting) =>
  db
    .insertInto('wanted_details')
    .values({ subject, names, due_at: dueAt, tries: sql.lit(0), since })
    .onConflict((c) =>
      c.column('subject').doUpdateSet({
        names,
        due_at: sql<number>`case when wanted_details.due_at <= ${now} or wanted_details.due_at > ${dueAt}
          then ${numberIn(dueAt)} else wanted_details.due_at end`,
        since: atLeast('wanted_details.since', since),
      }),
    ),
);

/** Requests details again even if a request for them is under way: its answer may have left before the event. */
async function want(trx: Trx, { subject, names, dueAt, now, since = now }: Want): Promise<void> {
  const all = JSON.stringify([...new Set([...((await wantedNames(trx, subject)) ?? []), ...names])]);
  await putWanted.run(trx, { subject, names: all, dueAt, now, since });
}
