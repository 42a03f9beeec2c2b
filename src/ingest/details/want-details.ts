import { sql } from 'kysely';
import type { DetailName } from '../../catalogue/detail-names.ts';
import { anyPostSubject, postIdOf, postNumberOf } from '../../catalogue/subject.ts';
import type { SubscriptionOptions } from '../../router/subscription-options.ts';
import type { Trx } from '../../store/tables.ts';
import type { Event } from '../../words.ts';

/** Data that can be wanted of a post: details, or the post itself, if the source did not send it. */
export type WantedName = DetailName | 'post';

/** Data that metasmoke's API can be asked for: details of cards, with or without posts that the source did not send. */
export type Askable = 'details' | 'details and posts';

/** Delay before a post that is not here yet is fetched, ms: the source does not keep order. */
const POST_LATE_MS = 5_000;
/** Delay until the API has the row of an event, ms: after 5 s 3 % are still missing (measured). */
const ROW_LATE_MS = 5_000;
/** Age up to which cards are refreshed after a gap, ms. */
const REFRESH_MS = 24 * 3_600_000;

/** Notes, in the transaction that writes an event, the details of its post that are to be requested. */
export async function wantOf(
  trx: Trx,
  event: Event,
  deliveries: readonly { readonly options: Pick<SubscriptionOptions, 'details'> }[],
  askable: Askable,
): Promise<void> {
  const { subject, receivedAt: now } = event;
  if (postNumberOf(subject) === null) return;
  const names = new Set(deliveries.flatMap(({ options }) => options.details));
  // The event does not name the flagger.
  const isFlag = event.role === 'flag' && event.type === 'create' && event.object.success === true;
  if ((names.size > 0 || isFlag) && (await hasDetails(trx, subject))) {
    if (isFlag) await want(trx, { subject, names: ['flags'], dueAt: now + ROW_LATE_MS, now });
  } else if (names.size > 0) await want(trx, { subject, names: [...names], dueAt: now, now });
  else if (isFlag) await wantFlagsToo(trx, subject);
  if (askable === 'details and posts' && event.role !== 'report' && !(await hasPost(trx, subject)))
    await want(trx, { subject, names: ['post'], dueAt: now + POST_LATE_MS, now });
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
    // The clock may have been set back since.
    const since = Math.min(createdAt, now);
    await want(trx, { subject, names: ['post', 'feedbacks', 'flags'], dueAt: now, now, since });
  }
}

/** Requests a post of which nothing was requested, to know that the API has it. */
export async function wantKnown(trx: Trx, subject: string, now: number): Promise<void> {
  if ((await wantedNames(trx, subject)) === null) await want(trx, { subject, names: ['reasons'], dueAt: now, now });
}

/** Returns true if there is a row of the post, from the source or the API. */
export async function hasPost(trx: Pick<Trx, 'selectFrom'>, subject: string): Promise<boolean> {
  const row = await trx
    .selectFrom('events')
    .select('id')
    .where('role', '=', sql.lit('report'))
    .where('row_id', '=', postIdOf(subject))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

async function hasDetails(trx: Trx, subject: string): Promise<boolean> {
  const row = await trx.selectFrom('post_details').select('subject').where('subject', '=', subject).executeTakeFirst();
  return row !== undefined;
}

interface Want {
  readonly subject: string;
  readonly names: readonly WantedName[];
  readonly dueAt: number;
  readonly now: number;
  /** The age of the request counts from here, Unix milliseconds; default: now. */
  readonly since?: number;
}

/** Returns the data that is wanted of a post already; null: nothing is. */
async function wantedNames(trx: Trx, subject: string): Promise<readonly WantedName[] | null> {
  const wanted = await trx
    .selectFrom('wanted_details')
    .select('names')
    .where('subject', '=', subject)
    .executeTakeFirst();
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

/** Requests details again even if a request for them is under way: its answer may have left before the event. */
async function want(trx: Trx, { subject, names, dueAt, now, since = now }: Want): Promise<void> {
  const all = [...new Set([...((await wantedNames(trx, subject)) ?? []), ...names])];
  await trx
    .insertInto('wanted_details')
    .values({ subject, names: JSON.stringify(all), due_at: dueAt, tries: 0, since })
    .onConflict((c) =>
      c.column('subject').doUpdateSet({
        names: JSON.stringify(all),
        due_at: sql<number>`case when wanted_details.due_at <= ${now} or wanted_details.due_at > ${dueAt}
          then ${dueAt} else wanted_details.due_at end`,
        since: sql<number>`max(wanted_details.since, ${since})`,
      }),
    )
    .execute();
}
