import type { AskedPost, FetchedPost } from '../../catalogue/fetched-post.ts';
import type { Wanted } from '../../ingest/details/wanted-details.ts';
import { AUTOFLAGGED_BY_MS } from '../../subjects/card-values.ts';
import { kindOf } from '../../subjects/fold-post.ts';
import type { Row } from '../../subjects/fold-rows.ts';
import { textOf, timeOf } from '../../text/json.ts';
import type { Role } from '../../words.ts';

/** A post whose details are requested, and its stored rows. */
export interface Asked {
  readonly wanted: Wanted;
  readonly rows: readonly Row[];
}

/** A row of the API with its role. */
interface FetchedRow {
  readonly role: Role;
  readonly object: object;
}

/**
 * Grace period, ms: rows appear in the API some time after their event (3 % later than 5 s, measured), so a missing row
 * is not conclusive before this.
 */
const SETTLED_MS = 10 * 60_000;

/** Returns what the API is asked about a post. */
export function questionOf(id: string, { wanted, rows }: Asked): AskedPost {
  const row = rows.find(({ role }) => role === 'report')?.object;
  const names = new Set(wanted.names.filter((name) => name !== 'post' && name !== 'name'));
  return { id, link: textOf(row?.link), texts: row === undefined ? 'with' : 'without', wants: names };
}

/** Returns true if the post itself was requested, is not stored yet, and was created after `oldest`, Unix milliseconds. */
export function isNewPost({ row }: FetchedPost, { wanted, rows }: Asked, oldest: number): boolean {
  const createdAt = timeOf(row.created_at);
  const isWanted = wanted.names.includes('post') && !rows.some(({ role }) => role === 'report');
  return isWanted && createdAt !== null && createdAt >= oldest;
}

/** Returns true if the source may still send the create of a post: it is not here, and the post is not old. `now`: Unix milliseconds. */
export function mayComeYet({ row }: FetchedPost, { rows }: Asked, now: number): boolean {
  const createdAt = timeOf(row.created_at);
  return !rows.some(({ role }) => role === 'report') && createdAt !== null && createdAt > now - SETTLED_MS;
}

/**
 * Returns the rows of a post in the API's answer, and an invalidation for each feedback that is missing in it. `began`:
 * time of the request, Unix milliseconds.
 */
export function rowsOf(post: FetchedPost, rows: readonly Row[], began: number): readonly FetchedRow[] {
  const gone = post.feedbacks === null ? [] : goneFeedbacks(post.feedbacks, rows, began);
  const of = (role: Role, objects: readonly object[]) => objects.map((object) => ({ role, object }));
  return [
    ...of('report', [post.row]),
    ...of('vote', [...(post.feedbacks ?? []), ...gone]),
    ...of('flag', post.flagLogs ?? []),
    ...of('deletion', post.deletionLogs ?? []),
  ];
}

/**
 * Returns invalidation rows for feedbacks that the API no longer lists. They were deleted or invalidated without an
 * event. They count as invalidated, because a destroy is final and an invalidation can be reverted by the source.
 */
function goneFeedbacks(listed: FetchedPost['feedbacks'], rows: readonly Row[], began: number): readonly object[] {
  const ids = new Set(listed?.map(({ id }) => String(id)));
  return rows
    .filter(({ role, id, isDestroyed }) => role === 'vote' && !isDestroyed && !ids.has(id))
    .filter(({ object, firstAt }) => object.is_invalidated !== true && firstAt < began - SETTLED_MS)
    .map(({ object: { id, post_id } }) => ({ id, post_id, is_invalidated: true }));
}

/**
 * Returns true if all requested details are there, including the users of the flags that the source announced a moment
 * ago. `flags`: the flag logs that are stored by now.
 */
export function isComplete(
  post: FetchedPost,
  { names }: Wanted,
  { flags, began }: { readonly flags: readonly Row[]; readonly began: number },
): boolean {
  if (!post.isWhole) return false;
  if (!names.includes('flags') || post.flagLogs === null) return true;
  const listed = new Set(post.flagLogs.map(({ id }) => String(id)));
  return flags
    .filter(({ role }) => role === 'flag')
    .every(({ id, isDestroyed, firstAt }) => isDestroyed || listed.has(id) || firstAt < began - SETTLED_MS);
}

/**
 * Returns when the flags of a new post are to be requested again, Unix milliseconds: whether it is autoflagged is not
 * decided yet. Null: they are not.
 */
export function flagsDueAt(
  post: FetchedPost,
  { names }: Wanted,
  { flags, began }: { readonly flags: readonly Row[]; readonly began: number },
): number | null {
  const reportedAt = timeOf(post.row.created_at);
  if (reportedAt === null || !names.includes('flags') || !post.knowsFlags) return null;
  if (began >= reportedAt + AUTOFLAGGED_BY_MS || post.row.autoflagged === true) return null;
  return flags.some((flag) => kindOf(flag) === 'auto') ? null : reportedAt + AUTOFLAGGED_BY_MS;
}
