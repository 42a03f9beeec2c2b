import { siteOfLink } from '../catalogue/site-of-link.ts';
import { textOf, timeOf } from '../text/json.ts';
import type { Event, EventObject, Role } from '../words.ts';
import { isAutoflag } from './autoflag.ts';
import { foldRows, type Row } from './fold-rows.ts';
import { madeAt } from './layers.ts';
import {
  type Counts,
  type Deletion,
  type Flag,
  firstDeletion,
  type Hanging,
  type Kind,
  LISTED,
  noCounts,
  type PostState,
  type Verdict,
  type Vote,
} from './post-state.ts';

/**
 * Folds the events of a post, in the order of arrival, into its state. Of each row the newest version counts, not the
 * last to arrive.
 */
export function foldPost(events: readonly Event[]): PostState {
  return stateOf(partsOf(foldRows(events)));
}

/** Time after a deletion within which another report of the post does not tell that it was undeleted, ms: detectors lag behind. */
const AGAIN_MS = 5 * 60_000;

/** The rows of a post that its state is made of. */
export interface PostParts<R extends Row = Row> {
  /** The row of its report; undefined: unknown. */
  readonly post: R | undefined;
  /** Numbers of all rows that count. */
  readonly counts: Counts;
  /** Those in lists, in order of time. */
  readonly listed: readonly R[];
}

/** Returns the parts of a post from all of its rows. */
export function partsOf<R extends Row>(rows: readonly R[]): PostParts<R> {
  const standing = rows.filter((row) => kindOf(row) !== null).sort(byTime);
  const newest = new Map(standing.map((row) => [personOf(row) ?? row, row]));
  const counted = standing.filter((row) => newest.get(personOf(row) ?? row) === row);
  const byKind = Map.groupBy(counted, (row) => kindOf(row)!);
  const counts = { ...noCounts, ...Object.fromEntries([...byKind].map(([kind, some]) => [kind, some.length])) };
  return { post: rows.find((row) => row.role === 'report'), counts, listed: listedOf(counted) };
}

/** Returns the first and the newest rows of each kind, in order of time. `counted`: all, in that order. */
export function listedOf<R extends Row>(counted: readonly R[]): readonly R[] {
  const byKind = Map.groupBy(counted, (row) => kindOf(row)!);
  const listed = new Set([...byKind.values()].flatMap((some) => [...some.slice(0, LISTED), ...some.slice(-LISTED)]));
  return counted.filter((row) => listed.has(row));
}

/** Returns the state of a post. `twins`: the rows of other reports of it, whose rows are among its parts. */
export function stateOf({ post, counts, listed }: PostParts, twins: readonly Row[] = []): PostState {
  const row = post?.object ?? {};
  const of = (role: Role) => listed.filter((one) => one.role === role);
  const deletions = of('deletion').map(deletion);
  const reports = post === undefined ? twins : [post, ...twins];
  const deletedAt = whenDeleted(reports, deletions);
  const isAutoflagged = reports.some(({ object }) => object.autoflagged === true) || counts.auto > 0;
  return {
    row: asItStands(row, { deletedAt, isAutoflagged, counts }),
    title: typeof row.title === 'string' ? row.title : null,
    site: textOf(row.site) ?? siteOfLink(row.link),
    fate: post?.isDestroyed === true ? 'removed' : deletedAt === null ? 'stands' : 'deleted',
    reportedAt: firstOf(reports.map(({ object }) => timeOf(object.created_at))),
    deletedAt,
    isAutoflagged,
    isEdited: reports.some(({ object }) => hasRevisions(object) || hasOtherText(object, row)),
    counts,
    votes: of('vote').map(vote),
    flags: of('flag').map(flag),
    deletions,
    comments: of('comment').map(hanging),
    reviews: of('review').map(hanging),
  };
}

/** Returns true if metasmoke counted more than one revision of a post on its site. It does so when it is about to flag it. */
function hasRevisions({ revision_count: count }: EventObject): boolean {
  return typeof count === 'number' && count > 1;
}

/**
 * Returns true if two reports of a post have different texts. metasmoke never changes the text of a report: an edited
 * post is reported again. A text that is not known of both does not count.
 */
function hasOtherText(a: EventObject, b: EventObject): boolean {
  const isOther = (column: string) =>
    typeof a[column] === 'string' && typeof b[column] === 'string' && a[column] !== b[column];
  return isOther('title') || isOther('body');
}

/**
 * Returns the kind that a row counts as; null if it does not count: it was destroyed or invalidated, or is not about a
 * post.
 */
export function kindOf({ role, object, isDestroyed }: Pick<Row, 'role' | 'object' | 'isDestroyed'>): Kind | null {
  if (isDestroyed) return null;
  switch (role) {
    case 'vote':
      return object.is_invalidated === true ? null : verdictOf(object.feedback_type);
    case 'flag':
      return flagKind(object);
    case 'deletion':
      return object.is_deleted !== false ? 'deleted' : 'undeleted';
    case 'comment':
      return 'comment';
    case 'review':
      return 'review';
    default:
      return null;
  }
}

/**
 * Returns the person who gave a feedback; null if the row is not a feedback. The newest feedback of each person counts,
 * because it arrives before the old one is destroyed.
 */
export function personOf({ role, id, object }: Pick<Row, 'role' | 'id' | 'object'>): string | null {
  if (role !== 'vote') return null;
  if (typeof object.user_id === 'number') return `user ${object.user_id}`;
  if (typeof object.chat_user_id === 'number') return `chat user ${object.chat_user_id} of ${object.chat_host}`;
  return `feedback ${id}`;
}

function vote({ id, object, firstAt }: Row): Vote {
  const by = typeof object.user_name === 'string' && object.user_name !== '' ? object.user_name : null;
  return { id, verdict: verdictOf(object.feedback_type)!, by, at: madeAt(object, firstAt), row: object };
}

/** `tpu-` → `tp`: the u applies to the user's other posts, the minus prevents a message in chat. */
function verdictOf(type: unknown): Verdict | null {
  const [, verdict] = (typeof type === 'string' && /^(tp|fp|naa|ignore)u?-?$/.exec(type)) || [];
  return (verdict as Verdict | undefined) ?? null;
}

function flag({ id, object, firstAt }: Row): Flag {
  return { id, kind: flagKind(object), at: madeAt(object, firstAt), row: object };
}

function flagKind(object: EventObject): Flag['kind'] {
  if (object.is_dry_run === true) return 'dryRun';
  if (object.success === false) return 'failed';
  if (object.flag_type === 'other') return 'dispute';
  return isAutoflag({ role: 'flag', type: 'create', object }) ? 'auto' : 'manual';
}

function deletion({ id, object, firstAt }: Row): Deletion {
  const { uncertainty } = object;
  return {
    id,
    isDeleted: object.is_deleted !== false,
    at: madeAt(object, firstAt),
    uncertaintyMs: typeof uncertainty === 'number' && uncertainty >= 0 ? uncertainty * 1_000 : null,
    row: object,
  };
}

/**
 * Returns a post's row with the columns that metasmoke does not keep up to date, or updates later, as its other rows
 * have them: `deleted_at` stays after an undeletion, and the verdicts follow the votes.
 */
export function asItStands(
  row: EventObject,
  { deletedAt, isAutoflagged, counts }: Pick<PostState, 'deletedAt' | 'isAutoflagged' | 'counts'>,
): EventObject {
  const { tp, fp, naa } = counts;
  const hasVotes = tp + fp + naa > 0;
  return {
    ...row,
    ...('deleted_at' in row || deletedAt !== null ? { deleted_at: isoOrNull(deletedAt) } : {}),
    ...('autoflagged' in row || isAutoflagged ? { autoflagged: isAutoflagged } : {}),
    ...(hasVotes ? { is_tp: tp > 0, is_fp: fp > 0, is_naa: naa > 0 } : {}),
  };
}

const isoOrNull = (at: number | null) => (at === null ? null : new Date(at).toISOString());

/**
 * Returns when a post was deleted: at the first deletion since the last undeletion, from the logs or from the post's
 * own column, whichever is earlier. metasmoke does not clear the column at an undeletion. Within one second a log
 * counts, because the post's row follows it.
 */
function whenDeleted(reports: readonly Row[], deletions: readonly Deletion[]): number | null {
  const rows = reports.map(({ object }) => object);
  const againAt = reportedAgainAt(rows);
  const since = deletions.filter(({ at }) => at > againAt);
  const undeletedAt = since.findLast(({ isDeleted }) => !isDeleted)?.at ?? againAt;
  const seen = firstDeletion(since)?.at ?? null;
  const isNewer = (row: EventObject) => (timeOf(row.updated_at) ?? 0) > (deletions.at(-1)?.at ?? 0);
  // Only one of several reports gets the deletion of the post, so all of them have to say that there is none.
  const isDenied = rows.length > 0 && rows.every((row) => row.deleted_at === null && isNewer(row));
  if (isDenied) return null;
  const own = rows.map((row) => timeOf(row.deleted_at)).filter((at) => at !== null && at > undeletedAt);
  return firstOf([seen, ...own]);
}

/**
 * Returns the time before which deletions do not count, Unix milliseconds: a post that is reported again some time after
 * its deletion was undeleted, although no log tells.
 */
function reportedAgainAt(rows: readonly EventObject[]): number {
  const created = rows.map((row) => timeOf(row.created_at)).filter((at) => at !== null);
  return created.length < 2 ? Number.NEGATIVE_INFINITY : Math.max(...created) - AGAIN_MS;
}

/** Returns the earliest of some times; null if none is known. */
function firstOf(times: readonly (number | null)[]): number | null {
  const known = times.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function hanging({ id, object, firstAt }: Row): Hanging {
  return { id, at: madeAt(object, firstAt), row: object };
}

/** Compares rows of a post: by the time they were made, then by id; an id that is not a number comes first. */
export function byTime(a: Row, b: Row): number {
  return (
    madeAt(a.object, a.firstAt) - madeAt(b.object, b.firstAt) ||
    numberOf(a.id) - numberOf(b.id) ||
    (a.id < b.id ? -1 : 1)
  );
}

/** Returns the number by which rows with numeric ids are ordered. */
export const numberOf = (id: string): number => (/^-?\d+$/.test(id) ? Number(id) : -1);
