import type { EventObject } from '../../words.ts';
import type { Draft } from './drafts.ts';
import { farAbove, type Reviewer } from './people.ts';
import type { Stage } from './stage.ts';

/** The part of a stage that gives a row its ids and times. */
type Stamps = Pick<Stage, 'mint' | 'time'>;

/** The way in which a vote reached metasmoke. */
export type VoteOrigin = 'chat' | 'api';

/** A post as it is created, at second 0 of the stage: without its `native_id`. */
export function postRow({ mint, time }: Stamps, draft: Draft, detector: number, native: number): EventObject {
  const { domain } = draft.site;
  const author = farAbove + mint.id('author');
  const isQuestion = draft.kind === 'question';
  return {
    id: mint.id('posts'),
    title: draft.title,
    body: draft.body,
    link: draft.link ?? `//${domain}/${isQuestion ? 'questions' : 'a'}/${native}`,
    post_creation_date: time(-35),
    created_at: time(0),
    updated_at: time(0),
    site_id: draft.site.id,
    user_link: draft.userLink ?? `//${domain}/users/${author}`,
    username: draft.username,
    why: draft.why,
    user_reputation: draft.reputation,
    score: 0,
    upvote_count: 0,
    downvote_count: 0,
    stack_exchange_user_id: mint.id('stack_exchange_users'),
    is_tp: false,
    is_fp: false,
    is_naa: false,
    revision_count: 1,
    deleted_at: null,
    smoke_detector_id: detector,
    autoflagged: false,
    tags: isQuestion ? ['health', domain.split('.', 1)[0] as string] : null,
    feedbacks_count: 0,
    native_id: null,
    markdown: null,
  };
}

/** A vote as it is created: over the API it has no user name until the update that follows. */
export function feedbackRow(
  { mint, time }: Stamps,
  afterSeconds: number,
  vote: { readonly postId: number; readonly reviewer: Reviewer; readonly type: string; readonly from: VoteOrigin },
): EventObject {
  const { postId, reviewer, type } = vote;
  const chat = vote.from === 'chat';
  return {
    id: mint.id('feedbacks'),
    message_link: null,
    user_name: chat ? reviewer.name : null,
    user_link: chat ? `//chat.stackexchange.com/users/${reviewer.chatId}` : null,
    feedback_type: type,
    post_id: postId,
    post_link: null,
    user_id: reviewer.userId,
    is_invalidated: false,
    invalidated_by: null,
    invalidated_at: null,
    chat_user_id: chat ? reviewer.chatId : null,
    created_at: time(afterSeconds),
    updated_at: time(afterSeconds),
    api_key_id: chat ? 1 : 2,
    chat_host: chat ? 'stackexchange.com' : null,
    legacy_feedback_type: null,
  };
}

/** Changes to the default, a successful automatic spam flag. */
export interface FlagLog {
  readonly success: boolean;
  readonly error_message: string;
  readonly is_dry_run: boolean;
  readonly is_auto: boolean;
  readonly flag_type: string;
  readonly comment: string;
}

export function flagRow(
  { mint, time }: Stamps,
  afterSeconds: number,
  post: { readonly id: number; readonly siteId: number },
  flag: Partial<FlagLog>,
): EventObject {
  return {
    id: mint.id('flag_logs'),
    success: true,
    error_message: null,
    flag_condition_id: 12,
    user_id: 104,
    post_id: post.id,
    created_at: time(afterSeconds),
    updated_at: time(afterSeconds),
    is_dry_run: null,
    backoff: 0,
    site_id: post.siteId,
    is_auto: true,
    api_key_id: null,
    flag_type: 'spam',
    comment: null,
    ...flag,
  };
}

export function commentRow(
  { mint, time }: Stamps,
  afterSeconds: number,
  { postId, reviewer, text }: { readonly postId: number; readonly reviewer: Reviewer; readonly text: string },
): EventObject {
  return {
    id: mint.id('post_comments'),
    post_id: postId,
    user_id: reviewer.userId,
    text,
    created_at: time(afterSeconds),
    updated_at: time(afterSeconds),
  };
}

export function deletionRow(
  { mint, time }: Stamps,
  afterSeconds: number,
  { postId, isDeleted }: { readonly postId: number; readonly isDeleted: boolean },
): EventObject {
  return {
    id: mint.id('deletion_logs'),
    post_id: postId,
    is_deleted: isDeleted,
    created_at: time(afterSeconds),
    updated_at: time(afterSeconds),
    api_key_id: 3,
    uncertainty: 2,
  };
}

/** An open item of the review queue. */
export function reviewItemRow({ mint, time }: Stamps, afterSeconds: number, postId: number): EventObject {
  return {
    id: mint.id('review_items'),
    review_queue_id: 1,
    reviewable_type: 'Post',
    reviewable_id: postId,
    created_at: time(afterSeconds),
    updated_at: time(afterSeconds),
    completed: false,
  };
}

export function reviewResultRow(
  { mint, time }: Stamps,
  afterSeconds: number,
  { item, reviewer, result }: { readonly item: EventObject; readonly reviewer: Reviewer; readonly result: string },
): EventObject {
  return {
    id: mint.id('review_results'),
    user_id: reviewer.userId,
    result,
    created_at: time(afterSeconds),
    updated_at: time(afterSeconds),
    review_item_id: item.id!,
  };
}
