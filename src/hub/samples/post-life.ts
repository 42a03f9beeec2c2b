import type { EventObject } from '../../words.ts';
import type { Draft } from './drafts.ts';
import type { Reviewer } from './people.ts';
import { farAbove } from './people.ts';
import type { Stage } from './stage.ts';

/** The possible events of a reported post. Each method publishes the events in the order and number of metasmoke. */
export interface PostLife {
  readonly post: EventObject;
  /** A vote. Returns the row, for `changeVote`. */
  judge(afterSeconds: number, reviewer: Reviewer, type: string, from?: 'chat' | 'api'): EventObject;
  /** The same reviewer changes a vote within a day: a new vote is created and the old one is destroyed. */
  changeVote(afterSeconds: number, old: EventObject, reviewer: Reviewer, type: string): void;
  flag(afterSeconds: number, flag?: Partial<FlagLog>): void;
  comment(afterSeconds: number, reviewer: Reviewer, text: string): void;
  remove(afterSeconds: number): void;
  restore(afterSeconds: number): void;
  review(afterSeconds: number, reviewer: Reviewer, result: string): void;
  /** metasmoke destroys the post, as after a mistaken report. */
  destroy(afterSeconds: number): void;
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

/**
 * Reports a post: it is created without its `native_id`, which an update adds. Later events go through the returned
 * object.
 */
export function reportPost(stage: Stage, draft: Draft, detector: number): PostLife {
  const { mint, time } = stage;
  const id = mint.id('posts');
  const native = farAbove + mint.id('native');
  const author = farAbove + mint.id('author');
  const { domain } = draft.site;
  const isQuestion = draft.kind === 'question';
  let post: EventObject = {
    id,
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
  const votes: EventObject[] = [];

  function savePost(afterSeconds: number, changes: EventObject = {}): void {
    post = { ...post, ...changes, updated_at: time(afterSeconds) };
    stage.say(afterSeconds, 'Post', 'update', post);
  }

  /** Returns the verdict from the votes that still count. */
  function verdict(): EventObject {
    const has = (pattern: RegExp) => votes.some((vote) => pattern.test(String(vote.feedback_type)));
    return { is_tp: has(/^tp/), is_fp: has(/^fp/), is_naa: has(/^naa/), feedbacks_count: votes.length };
  }

  function judge(afterSeconds: number, reviewer: Reviewer, type: string, from: 'chat' | 'api' = 'chat'): EventObject {
    const chat = from === 'chat';
    const vote: EventObject = {
      id: mint.id('feedbacks'),
      message_link: null,
      // A vote over the API has no user name until the update that follows.
      user_name: chat ? reviewer.name : null,
      user_link: chat ? `//chat.stackexchange.com/users/${reviewer.chatId}` : null,
      feedback_type: type,
      post_id: id,
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
    votes.push(vote);
    stage.say(afterSeconds, 'Feedback', 'create', vote);
    const named = { ...vote, user_name: reviewer.name, updated_at: time(afterSeconds + 0.2) };
    stage.say(afterSeconds + 0.2, 'Feedback', 'update', named);
    savePost(afterSeconds + 0.4, verdict());
    stage.say(afterSeconds + 0.5, 'Post', 'update', post);
    return named;
  }

  stage.say(0, 'Post', 'create', post);
  savePost(0.3, { native_id: native });

  return {
    get post() {
      return post;
    },
    judge,
    changeVote(afterSeconds, old, reviewer, type) {
      const kept = votes.filter((vote) => vote.id !== old.id);
      votes.splice(0, votes.length, ...kept);
      judge(afterSeconds, reviewer, type);
      stage.say(afterSeconds + 0.6, 'Feedback', 'destroy', old);
      savePost(afterSeconds + 0.7, verdict());
      stage.say(afterSeconds + 0.8, 'Post', 'update', post);
    },
    flag(afterSeconds, flag = {}) {
      stage.say(afterSeconds, 'FlagLog', 'create', {
        id: mint.id('flag_logs'),
        success: true,
        error_message: null,
        flag_condition_id: 12,
        user_id: 104,
        post_id: id,
        created_at: time(afterSeconds),
        updated_at: time(afterSeconds),
        is_dry_run: null,
        backoff: 0,
        site_id: draft.site.id,
        is_auto: true,
        api_key_id: null,
        flag_type: 'spam',
        comment: null,
        ...flag,
      });
      // No event announces this change; the next update shows it.
      if (flag.success !== false && flag.is_auto !== false) post = { ...post, autoflagged: true };
    },
    comment(afterSeconds, reviewer, text) {
      stage.say(afterSeconds, 'PostComment', 'create', {
        id: mint.id('post_comments'),
        post_id: id,
        user_id: reviewer.userId,
        text,
        created_at: time(afterSeconds),
        updated_at: time(afterSeconds),
      });
    },
    remove: (afterSeconds) => logDeletion(afterSeconds, true),
    restore: (afterSeconds) => logDeletion(afterSeconds, false),
    review(afterSeconds, reviewer, result) {
      const item: EventObject = {
        id: mint.id('review_items'),
        review_queue_id: 1,
        reviewable_type: 'Post',
        reviewable_id: id,
        created_at: time(afterSeconds),
        updated_at: time(afterSeconds),
        completed: false,
      };
      stage.say(afterSeconds, 'ReviewItem', 'create', item);
      stage.say(afterSeconds + 1.6, 'ReviewResult', 'create', {
        id: mint.id('review_results'),
        user_id: reviewer.userId,
        result,
        created_at: time(afterSeconds + 1.6),
        updated_at: time(afterSeconds + 1.6),
        review_item_id: item.id!,
      });
      const done = { ...item, completed: true, updated_at: time(afterSeconds + 1.8) };
      stage.say(afterSeconds + 1.8, 'ReviewItem', 'update', done);
    },
    destroy(afterSeconds) {
      stage.say(afterSeconds, 'Post', 'destroy', post);
      for (const vote of votes) stage.say(afterSeconds + 0.2, 'Feedback', 'destroy', vote);
    },
  };

  function logDeletion(afterSeconds: number, isDeleted: boolean): void {
    stage.say(afterSeconds, 'DeletionLog', 'create', {
      id: mint.id('deletion_logs'),
      post_id: id,
      is_deleted: isDeleted,
      created_at: time(afterSeconds),
      updated_at: time(afterSeconds),
      api_key_id: 3,
      uncertainty: 2,
    });
    savePost(afterSeconds + 0.2, { deleted_at: isDeleted ? time(afterSeconds) : null });
  }
}
