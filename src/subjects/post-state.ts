import type { EventObject } from '../words.ts';

/** The verdict of a feedback. `ignore` does not count. */
export const verdicts = ['tp', 'fp', 'naa', 'ignore'] as const;
export type Verdict = (typeof verdicts)[number];

/** One valid feedback, the newest of its person. */
export interface Vote {
  readonly id: string;
  readonly verdict: Verdict;
  /** Null until metasmoke knows it. */
  readonly by: string | null;
  /** Unix milliseconds. */
  readonly at: number;
  readonly row: EventObject;
}

/** One flag that was cast, that failed, or that was a dry run. */
export interface Flag {
  readonly id: string;
  readonly kind: 'auto' | 'manual' | 'dispute' | 'dryRun' | 'failed';
  readonly at: number;
  readonly row: EventObject;
}

/** One deletion or undeletion, as recorded by an observer. */
export interface Deletion {
  readonly id: string;
  readonly isDeleted: boolean;
  readonly at: number;
  /** Longest delay of the observation, ms; null: unknown. */
  readonly uncertaintyMs: number | null;
  readonly row: EventObject;
}

/** A row that belongs to a post: a comment, a review result. */
export interface Hanging {
  readonly id: string;
  readonly at: number;
  readonly row: EventObject;
}

/** The state of a post: still up, deleted on its site, or its report removed from metasmoke. */
export type Fate = 'stands' | 'deleted' | 'removed';

/** The kinds of rows about a post: a feedback, a flag, a deletion, a comment, a review result. */
export const kinds = [
  ...verdicts,
  ...(['auto', 'manual', 'dispute', 'dryRun', 'failed', 'deleted', 'undeleted', 'comment', 'review'] as const),
] as const;
export type Kind = (typeof kinds)[number];
export type Counts = Readonly<Record<Kind, number>>;
export const noCounts = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Counts;

/** Number of the first and of the newest entries of each kind in a list. */
export const LISTED = 50;

/**
 * Everything known about a post, independent of the order of arrival. Lists are oldest first and contain the first and
 * the newest `LISTED` of each kind; counts count all.
 */
export interface PostState {
  /**
   * The newest known value of each of its columns, and the verdicts and the deletion as its other rows have them; empty
   * if its row is unknown.
   */
  readonly row: EventObject;
  readonly title: string | null;
  /** `apple.stackexchange.com`; null if its link is unknown. */
  readonly site: string | null;
  readonly fate: Fate;
  /** Time of its report, Unix milliseconds; null if its row has none. */
  readonly reportedAt: number | null;
  /** Time of its deletion; null if it is not deleted. */
  readonly deletedAt: number | null;
  readonly isAutoflagged: boolean;
  /** True if the post was edited on its site, as far as metasmoke knows. */
  readonly isEdited: boolean;
  readonly counts: Counts;
  readonly votes: readonly Vote[];
  readonly flags: readonly Flag[];
  readonly deletions: readonly Deletion[];
  readonly comments: readonly Hanging[];
  readonly reviews: readonly Hanging[];
}

/**
 * Returns whole seconds from the report of a post to an instant (Unix milliseconds), 0 for earlier instants; null if
 * either is unknown.
 */
export function secondsAfterReport({ reportedAt }: Pick<PostState, 'reportedAt'>, at: number | null): number | null {
  return at === null || reportedAt === null ? null : Math.max(0, Math.round((at - reportedAt) / 1_000));
}

/** Returns the first deletion since the last undeletion: several observers may report one. Undefined: there is none. */
export function firstDeletion(deletions: readonly Deletion[]): Deletion | undefined {
  const last = deletions.findLastIndex(({ isDeleted }) => !isDeleted);
  return deletions[last + 1];
}

/** Returns the number of seconds by which `deletedAt` may be late; null if the post still stands, or if that is unknown. */
export function deletionUncertainty({
  deletedAt,
  deletions,
}: Pick<PostState, 'deletedAt' | 'deletions'>): number | null {
  const ms = deletedAt === null ? null : (firstDeletion(deletions)?.uncertaintyMs ?? null);
  return ms === null ? null : ms / 1_000;
}

/** Returns the numbers of valid feedbacks of each kind. */
export function countVotes({
  counts: { tp, fp, naa, ignore },
}: Pick<PostState, 'counts'>): Readonly<Record<Verdict, number>> {
  return { tp, fp, naa, ignore };
}

/** Returns true if the lists are complete. */
export function isWhole({ counts }: Pick<PostState, 'counts'>): boolean {
  return kinds.every((kind) => counts[kind] <= 2 * LISTED);
}

/** Returns true if one person called it spam and another called it not spam. */
export function isDisputed(state: Pick<PostState, 'counts'>): boolean {
  const { tp, fp } = countVotes(state);
  return tp > 0 && fp > 0;
}

/** Returns true if at least one feedback does not call it spam. */
export function isDoubted(state: Pick<PostState, 'counts'>): boolean {
  const { fp, naa, ignore } = countVotes(state);
  return fp + naa + ignore > 0;
}

/** Returns true if at least one person called it not spam, and none called it spam. */
export function isFalsePositive(state: Pick<PostState, 'counts'>): boolean {
  const { tp, fp } = countVotes(state);
  return fp > 0 && tp === 0;
}
