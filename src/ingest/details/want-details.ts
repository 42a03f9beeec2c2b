import { sql } from 'kysely';
import type { DetailName } from '../../metasmoke/api/detail-names.ts';
import { anyPostSubject, postIdOf, postNumberOf } from '../../metasmoke/subject.ts';
import type { SubscriptionOptions } from '../../router/subscription-options.ts';
import type { Trx } from '../../store/tables.ts';
import type { Event } from '../../words.ts';

/** What can be wanted of a post: details, or the post itself, of which nobody told us. */
export type WantedName = DetailName | 'post';

/** What metasmoke's API can be asked for: details of cards, and posts that nobody told us of, or those not. */
export type Askable = 'details' | 'details and posts';

/** A post that is not here after so long is fetched, in milliseconds: the source does not keep order. */
const POST_LATE_MS = 5_000;
/** After its event a row needs a moment until the API has it, in milliseconds: after 5 s 3 % are still missing (measured). */
const ROW_LATE_MS = 5_000;
/** Cards of that age are looked at again after a gap, in milliseconds. */
const REFRESH_MS = 24 * 3_600_000;

/** Notes, in the transaction that writes an event, what the API is to be asked about its post. */
export async function wantOf(
  trx: Trx,
  event: Event,
  deliveries: readonly { readonly options: Pick<SubscriptionOptions, 'details'> }[],
  askable: Askable,
): Promise<void> {
  const { subject, receivedAt: now } = event;
  if (postNumberOf(subject) === null) return;
  const names = new Set(deliveries.flatMap(({ options }) => options.details));
  const isFlag = event.model === 'flag_logs' && event.type === 'create' && event.object.success === true;
  if ((names.size > 0 || isFlag) && (await hasDetails(trx, subject))) {
    // Who flagged is not in the event.
    if (isFlag) await want(trx, { subject, names: ['flags'], dueAt: now + ROW_LATE_MS, now });
  } else if (names.size > 0) await want(trx, { subject, names: [...names], dueAt: now, now });
  if (askable === 'details and posts' && event.model !== 'posts' && !(await hasPost(trx, subject)))
    await want(trx, { subject, names: ['post'], dueAt: now + POST_LATE_MS, now });
}

/** After a gap: the API cannot list updates and destroys, so every open card of the last day is looked at again. */
export async function wantOpenCards(trx: Trx, now: number): Promise<void> {
  const cards = await trx
    .selectFrom('cards')
    .select('subject')
    .distinct()
    .where('state', '=', 'open')
    .where('created_at', '>', now - REFRESH_MS)
    .where('subject', 'like', anyPostSubject)
    .execute();
  for (const { subject } of cards) await want(trx, { subject, names: ['post', 'feedbacks', 'flags'], dueAt: now, now });
}

/** Whether there is a row of the post, whatever told of it. */
export async function hasPost(trx: Pick<Trx, 'selectFrom'>, subject: string): Promise<boolean> {
  const row = await trx
    .selectFrom('events')
    .select('id')
    .where('model', '=', 'posts')
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
}

/** What is being asked for just now is asked for again: its answer may have left before this was so. */
async function want(trx: Trx, { subject, names, dueAt, now }: Want): Promise<void> {
  const wanted = await trx
    .selectFrom('wanted_details')
    .select('names')
    .where('subject', '=', subject)
    .executeTakeFirst();
  const all = [...new Set([...((wanted && (JSON.parse(wanted.names) as WantedName[])) ?? []), ...names])];
  await trx
    .insertInto('wanted_details')
    .values({ subject, names: JSON.stringify(all), due_at: dueAt, tries: 0, since: now })
    .onConflict((c) =>
      c.column('subject').doUpdateSet({
        names: JSON.stringify(all),
        due_at: sql<number>`case when wanted_details.due_at <= ${now} or wanted_details.due_at > ${dueAt}
          then ${dueAt} else wanted_details.due_at end`,
      }),
    )
    .execute();
}
