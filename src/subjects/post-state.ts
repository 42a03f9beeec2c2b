import type { EventObject } from '../words.ts';

/** What somebody said of a post. `ignore` counts for nothing. */
export const verdicts = ['tp', 'fp', 'naa', 'ignore'] as const;
export type Verdict = (typeof verdicts)[number];

/** One feedback that stands: of each person the newest. */
export interface Vote {
  readonly id: string;
  readonly verdict: Verdict;
  /** Null until metasmoke knows it. */
  readonly by: string | null;
  /** Unix milliseconds. */
  readonly at: number;
  readonly row: EventObject;
}

/** One flag that was cast, tried or rehearsed. */
export interface Flag {
  readonly id: string;
  readonly kind: 'auto' | 'manual' | 'dispute' | 'dryRun' | 'failed';
  readonly at: number;
  readonly row: EventObject;
}

/** One deletion or undeletion, as somebody saw it. */
export interface Deletion {
  readonly id: string;
  readonly isDeleted: boolean;
  readonly at: number;
  /** By how much that may be late, in milliseconds; null: not known. */
  readonly uncertaintyMs: number | null;
  readonly row: EventObject;
}

/** A row that hangs on a post: a comment, a review's result. */
export interface Hanging {
  readonly id: string;
  readonly at: number;
  readonly row: EventObject;
}

/** How a post stands: on the site, deleted there, or its report is gone from metasmoke. */
export type Fate = 'stands' | 'deleted' | 'removed';

/** The kinds of a row that says something about a post: a feedback, a flag, a deletion, a comment, the result of a review. */
export const kinds = [
  ...verdicts,
  ...(['auto', 'manual', 'dispute', 'dryRun', 'failed', 'deleted', 'undeleted', 'comment', 'review'] as const),
] as const;
export type Kind = (typeof kinds)[number];
export type Counts = Readonly<Record<Kind, number>>;
export const noCounts = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Counts;

/** Lists hold so many of the first of each kind, and so many of the newest. */
export const LISTED = 50;

/**
 * All that is known of a post, whatever the order was in which it came. Lists are oldest first, and hold of each kind the first and
 * the newest `LISTED`; counts count all.
 */
export interface PostState {
  /** The newest that is known of each of its columns; empty where no row of it is known. */
  readonly row: EventObject;
  readonly title: string | null;
  /** `apple.stackexchange.com`; null where no link of the post is known. */
  readonly site: string | null;
  readonly fate: Fate;
  /** When it was reported, Unix milliseconds; null where no row of it is known. */
  readonly reportedAt: number | null;
  /** When it was deleted; null while it is not. */
  readonly deletedAt: number | null;
  readonly isAutoflagged: boolean;
  readonly counts: Counts;
  readonly votes: readonly Vote[];
  readonly flags: readonly Flag[];
  readonly deletions: readonly Deletion[];
  readonly comments: readonly Hanging[];
  readonly reviews: readonly Hanging[];
}

/** Whole seconds from the report of a post to an instant (Unix milliseconds), 0 for what was before; null where one is not known. */
export function secondsAfterReport({ reportedAt }: Pick<PostState, 'reportedAt'>, at: number | null): number | null {
  return at === null || reportedAt === null ? null : Math.max(0, Math.round((at - reportedAt) / 1_000));
}

/** By how many seconds `deletedAt` may be late; null while the post stands, or where nobody says. */
export function deletionUncertainty({
  deletedAt,
  deletions,
}: Pick<PostState, 'deletedAt' | 'deletions'>): number | null {
  const ms = deletedAt === null ? null : (deletions.findLast(({ isDeleted }) => isDeleted)?.uncertaintyMs ?? null);
  return ms === null ? null : ms / 1_000;
}

/** How many feedbacks of each kind stand. */
export function countVotes({
  counts: { tp, fp, naa, ignore },
}: Pick<PostState, 'counts'>): Readonly<Record<Verdict, number>> {
  return { tp, fp, naa, ignore };
}

/** True if the lists hold all that is known. */
export function isWhole({ counts }: Pick<PostState, 'counts'>): boolean {
  return kinds.every((kind) => counts[kind] <= 2 * LISTED);
}

/** Whether somebody says that it is spam and somebody that it is not. */
export function isDisputed(state: Pick<PostState, 'counts'>): boolean {
  const { tp, fp } = countVotes(state);
  return tp > 0 && fp > 0;
}

/** Whether people say that it is no spam, and nobody says that it is. */
export function isFalsePositive(state: Pick<PostState, 'counts'>): boolean {
  const { tp, fp } = countVotes(state);
  return fp > 0 && tp === 0;
}
