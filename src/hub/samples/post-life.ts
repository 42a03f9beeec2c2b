import type { EventObject } from '../../words.ts';
import type { Draft } from './drafts.ts';
import { farAbove, type Reviewer } from './people.ts';
import {
  commentRow,
  deletionRow,
  type FlagLog,
  feedbackRow,
  flagRow,
  postRow,
  reviewItemRow,
  reviewResultRow,
  type VoteOrigin,
} from './post-rows.ts';
import type { Stage } from './stage.ts';

/**
 * A reported post: it is created without its `native_id`, which an update adds. Each method publishes the events in the
 * order and number of metasmoke.
 */
export class PostLife {
  readonly #stage: Stage;
  readonly #id: number;
  readonly #siteId: number;
  #post: EventObject;
  /** The votes that count. */
  #votes: readonly EventObject[] = [];

  constructor(stage: Stage, draft: Draft, detector: number) {
    const native = farAbove + stage.mint.id('native');
    this.#stage = stage;
    this.#siteId = draft.site.id;
    this.#post = postRow(stage, draft, detector, native);
    this.#id = Number(this.#post.id);
    stage.say(0, 'Post', 'create', this.#post);
    this.#savePost(0.3, { native_id: native });
  }

  /** A vote. Returns the row, for `changeVote`. */
  judge(afterSeconds: number, reviewer: Reviewer, type: string, from: VoteOrigin = 'chat'): EventObject {
    const vote = feedbackRow(this.#stage, afterSeconds, { postId: this.#id, reviewer, type, from });
    this.#votes = [...this.#votes, vote];
    this.#stage.say(afterSeconds, 'Feedback', 'create', vote);
    const named = { ...vote, user_name: reviewer.name, updated_at: this.#stage.time(afterSeconds + 0.2) };
    this.#stage.say(afterSeconds + 0.2, 'Feedback', 'update', named);
    this.#savePost(afterSeconds + 0.4, verdict(this.#votes));
    this.#stage.say(afterSeconds + 0.5, 'Post', 'update', this.#post);
    return named;
  }

  /** The same reviewer changes a vote within a day: a new vote is created and the old one is destroyed. */
  changeVote(afterSeconds: number, old: EventObject, reviewer: Reviewer, type: string): void {
    this.#votes = this.#votes.filter((vote) => vote.id !== old.id);
    this.judge(afterSeconds, reviewer, type);
    this.#stage.say(afterSeconds + 0.6, 'Feedback', 'destroy', old);
    this.#savePost(afterSeconds + 0.7, verdict(this.#votes));
    this.#stage.say(afterSeconds + 0.8, 'Post', 'update', this.#post);
  }

  flag(afterSeconds: number, flag: Partial<FlagLog> = {}): void {
    const post = { id: this.#id, siteId: this.#siteId };
    this.#stage.say(afterSeconds, 'FlagLog', 'create', flagRow(this.#stage, afterSeconds, post, flag));
    // No event announces this change; the next update shows it.
    if (flag.success !== false && flag.is_auto !== false) this.#post = { ...this.#post, autoflagged: true };
  }

  comment(afterSeconds: number, reviewer: Reviewer, text: string): void {
    const comment = commentRow(this.#stage, afterSeconds, { postId: this.#id, reviewer, text });
    this.#stage.say(afterSeconds, 'PostComment', 'create', comment);
  }

  remove(afterSeconds: number): void {
    this.#logDeletion(afterSeconds, true);
  }

  restore(afterSeconds: number): void {
    this.#logDeletion(afterSeconds, false);
  }

  review(afterSeconds: number, reviewer: Reviewer, result: string): void {
    const item = reviewItemRow(this.#stage, afterSeconds, this.#id);
    this.#stage.say(afterSeconds, 'ReviewItem', 'create', item);
    const reviewed = reviewResultRow(this.#stage, afterSeconds + 1.6, { item, reviewer, result });
    this.#stage.say(afterSeconds + 1.6, 'ReviewResult', 'create', reviewed);
    const done = { ...item, completed: true, updated_at: this.#stage.time(afterSeconds + 1.8) };
    this.#stage.say(afterSeconds + 1.8, 'ReviewItem', 'update', done);
  }

  /** metasmoke destroys the post, as after a mistaken report. */
  destroy(afterSeconds: number): void {
    this.#stage.say(afterSeconds, 'Post', 'destroy', this.#post);
    for (const vote of this.#votes) this.#stage.say(afterSeconds + 0.2, 'Feedback', 'destroy', vote);
  }

  #savePost(afterSeconds: number, changes: EventObject): void {
    this.#post = { ...this.#post, ...changes, updated_at: this.#stage.time(afterSeconds) };
    this.#stage.say(afterSeconds, 'Post', 'update', this.#post);
  }

  #logDeletion(afterSeconds: number, isDeleted: boolean): void {
    const log = deletionRow(this.#stage, afterSeconds, { postId: this.#id, isDeleted });
    this.#stage.say(afterSeconds, 'DeletionLog', 'create', log);
    this.#savePost(afterSeconds + 0.2, { deleted_at: isDeleted ? this.#stage.time(afterSeconds) : null });
  }
}

/** Returns the columns of a post that follow from its votes. */
function verdict(votes: readonly EventObject[]): EventObject {
  const has = (pattern: RegExp) => votes.some((vote) => pattern.test(String(vote.feedback_type)));
  return { is_tp: has(/^tp/), is_fp: has(/^fp/), is_naa: has(/^naa/), feedbacks_count: votes.length };
}
