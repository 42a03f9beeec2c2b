import type { FetchedPost, FetchedSite } from '../../catalogue/fetched-post.ts';
import { noteNews } from '../../outbox/rows/note-news.ts';
import type { Trx } from '../../store/tables.ts';
import { forgetAuthor } from '../../subject-rows/authors.ts';
import type { Row } from '../../subjects/fold-rows.ts';
import type { PostDetails } from '../../subjects/post-details.ts';
import { bringBack } from '../left-out.ts';
import { storeUserName, type UserName } from './known-names.ts';

/** Stores the API's data about sites, for the messages that are drawn next. */
export async function storeSites(trx: Trx, sites: readonly FetchedSite[], now: number): Promise<void> {
  for (const { id, name, domain, logo } of sites) {
    const told = { name, domain, logo, fetched_at: now };
    await trx
      .insertInto('sites')
      .values({ id, ...told })
      .onConflict((c) => c.column('id').doUpdateSet(told))
      .execute();
  }
}

/** Stores the names of users that the API was asked for; of those that it does not have, that. */
export async function storeUserNames(
  trx: Trx,
  asked: readonly string[],
  names: ReadonlyMap<string, string>,
): Promise<readonly UserName[]> {
  const users = asked.map((id) => ({ id, name: names.get(id) ?? null }));
  for (const user of users) await storeUserName(trx, user);
  return users;
}

/** Stores the API's data about a post beyond its rows. `flags`: its known flag logs; `began`: when
 * it was requested, Unix milliseconds. Returns the rooms that show it. */
export async function storeDetails(
  trx: Trx,
  subject: string,
  { post, flags, began }: { readonly post: FetchedPost; readonly flags: readonly Row[]; readonly began: number },
  now: number,
): Promise<readonly number[]> {
  const before = await trx.selectFrom('post_details').selectAll().where('subject', '=', subject).executeTakeFirst();
  const flaggers = {
    ...((before && (JSON.parse(before.flaggers) as PostDetails['flaggers'])) ?? {}),
    ...flaggersOf(post, flags),
  };
  const told = {
    site_id: post.siteId ?? before?.site_id ?? null,
    reasons: post.reasons === null ? (before?.reasons ?? null) : JSON.stringify(post.reasons),
    flaggers: JSON.stringify(flaggers),
    domains: post.domains === null ? (before?.domains ?? null) : JSON.stringify(post.domains),
    flags_at: post.knowsFlags ? began : (before?.flags_at ?? null),
    fetched_at: now,
    absent_at: null,
  };
  await trx
    .insertInto('post_details')
    .values({ subject, ...told })
    .onConflict((c) => c.column('subject').doUpdateSet(told))
    .execute();
  return noteNews(trx, subject, now);
}

/** Stores that the API does not have a post. Returns the rooms that show it. */
export async function storeAbsence(trx: Trx, subject: string, now: number): Promise<readonly number[]> {
  await trx
    .insertInto('post_details')
    .values({ subject, site_id: null, reasons: null, flaggers: '{}', fetched_at: now, absent_at: now })
    .onConflict((c) => c.column('subject').doUpdateSet({ absent_at: now }))
    .execute();
  await forgetAuthor(trx, subject);
  return [...(await noteNews(trx, subject, now)), ...(await bringBack(trx, subject, now))];
}

/** Returns the names by the ids of the flag logs. REST names users, and a flag log from the source has the user's id. */
function flaggersOf({ flaggers: { by, names } }: FetchedPost, flags: readonly Row[]): PostDetails['flaggers'] {
  if (by === 'flag log') return Object.fromEntries(names);
  return Object.fromEntries(
    flags.flatMap(({ id, object }) => {
      const name = names.get(String(object.user_id));
      return name === undefined ? [] : [[id, name]];
    }),
  );
}
