import { timeOf } from '../http/json.ts';
import { isAutoflag } from '../metasmoke/autoflag.ts';
import { absoluteUrl, isTrustedUrl } from '../metasmoke/links.ts';
import type { Event, EventObject } from '../words.ts';
import { foldRows, type Row } from './fold-rows.ts';
import type { Deletion, Flag, Hanging, PostState, Verdict, Vote } from './post-state.ts';

/** Folds the events of a post, in the order in which they arrived, into how it stands: the newest counts, not the last to arrive. */
export function foldPost(events: readonly Event[]): PostState {
  const rows = foldRows(events);
  const of = (model: string) => rows.filter((row) => row.model === model && !row.isDestroyed).sort(byTime);
  const post = rows.find((row) => row.model === 'posts');
  const row = post?.object ?? {};
  const flags = of('flag_logs').map(flag);
  const deletions = of('deletion_logs').map(deletion);
  const deletedAt = whenDeleted(post, deletions);
  return {
    row,
    title: typeof row.title === 'string' ? row.title : null,
    site: siteOf(row.link),
    fate: post?.isDestroyed === true ? 'removed' : deletedAt === null ? 'stands' : 'deleted',
    reportedAt: post === undefined ? null : (timeOf(row.created_at) ?? post.firstAt),
    deletedAt,
    isAutoflagged: row.autoflagged === true || flags.some(({ kind }) => kind === 'auto'),
    votes: newestOfEach(of('feedbacks').flatMap(vote)),
    flags,
    deletions,
    comments: of('post_comments').map(hanging),
    reviews: of('review_results').map(hanging),
  };
}

function vote({ id, object, firstAt }: Row): readonly Vote[] {
  const verdict = typeof object.feedback_type === 'string' ? verdictOf(object.feedback_type) : null;
  if (verdict === null || object.is_invalidated === true) return [];
  const by = typeof object.user_name === 'string' && object.user_name !== '' ? object.user_name : null;
  return [{ id, verdict, by, at: timeOf(object.created_at) ?? firstAt, row: object }];
}

/** `tpu-` → `tp`: the u is for the user's other posts, the minus for saying nothing in chat. */
function verdictOf(type: string): Verdict | null {
  const [, verdict] = /^(tp|fp|naa|ignore)u?-?$/.exec(type) ?? [];
  return (verdict as Verdict | undefined) ?? null;
}

/** A vote that was changed: the new one is there before the old one goes. */
function newestOfEach(votes: readonly Vote[]): readonly Vote[] {
  const byPerson = new Map(votes.map((one) => [personOf(one), one]));
  return votes.filter((one) => byPerson.get(personOf(one)) === one);
}

function personOf({ id, row }: Vote): string {
  if (typeof row.user_id === 'number') return `user ${row.user_id}`;
  if (typeof row.chat_user_id === 'number') return `chat user ${row.chat_user_id} of ${row.chat_host}`;
  return `feedback ${id}`;
}

function flag({ id, object, firstAt }: Row): Flag {
  return { id, kind: flagKind(object), at: timeOf(object.created_at) ?? firstAt, row: object };
}

function flagKind(object: EventObject): Flag['kind'] {
  if (object.is_dry_run === true) return 'dryRun';
  if (object.success === false) return 'failed';
  if (object.flag_type === 'other') return 'dispute';
  return isAutoflag({ model: 'flag_logs', type: 'create', object }) ? 'auto' : 'manual';
}

function deletion({ id, object, firstAt }: Row): Deletion {
  const { uncertainty } = object;
  return {
    id,
    isDeleted: object.is_deleted !== false,
    at: timeOf(object.created_at) ?? firstAt,
    uncertaintyMs: typeof uncertainty === 'number' && uncertainty >= 0 ? uncertainty * 1_000 : null,
    row: object,
  };
}

/**
 * By the newest of what was seen (`deletion_logs`), or by the post's own column where that is newer still. In one second the log
 * counts, since the post's row follows it.
 */
function whenDeleted(post: Row | undefined, deletions: readonly Deletion[]): number | null {
  const seen = deletions.at(-1);
  const own = post === undefined || !('deleted_at' in post.object) ? undefined : timeOf(post.object.deleted_at);
  if (seen === undefined) return own ?? null;
  if (own === undefined) return seen.isDeleted ? seen.at : null;
  if (own === null) {
    const isNewer = post !== undefined && (timeOf(post.object.updated_at) ?? 0) > seen.at;
    return seen.isDeleted && !isNewer ? seen.at : null;
  }
  return seen.isDeleted ? Math.min(own, seen.at) : own > seen.at ? own : null;
}

function hanging({ id, object, firstAt }: Row): Hanging {
  return { id, at: timeOf(object.created_at) ?? firstAt, row: object };
}

const byTime = (a: Row, b: Row) =>
  (timeOf(a.object.created_at) ?? a.firstAt) - (timeOf(b.object.created_at) ?? b.firstAt) || byId(a.id, b.id);

const byId = (a: string, b: string) => Number(a) - Number(b) || (a < b ? -1 : a > b ? 1 : 0);

function siteOf(link: unknown): string | null {
  if (typeof link !== 'string' || !isTrustedUrl(link)) return null;
  return URL.parse(absoluteUrl(link))?.hostname ?? null;
}
