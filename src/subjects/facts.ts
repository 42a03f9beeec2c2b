import { formatDuration } from '../time/duration.ts';
import { type Flag, isWhole, type PostState, type Vote } from './post-state.ts';

/** One fact about a post, in words. */
export interface Fact {
  /** Equal for the same fact. */
  readonly key: string;
  readonly text: string;
  /** The emoji of its reaction; null: none. */
  readonly emoji: string | null;
}

/** The facts about a post that a room is sent beyond its report. */
export interface Facts {
  readonly list: readonly Fact[];
  /** False: there are more facts than are listed, so an unlisted one may still be true. */
  readonly isWhole: boolean;
}

const signs = { tp: '🔴', fp: '🟢', naa: '🟠' } as const;

/** Returns the facts about a post, oldest kind first: flags, votes, comments, deletions. Pure. */
export function factsOf(state: PostState): Facts {
  return { list: listOf(state), isWhole: isWhole(state) };
}

function listOf(state: PostState): readonly Fact[] {
  const after = (at: number) =>
    state.reportedAt === null ? '' : ` after ${formatDuration(Math.max(0, at - state.reportedAt))}`;
  return [
    ...state.flags.flatMap((flag) => flagFact(flag, after(flag.at))),
    ...state.votes.flatMap((vote) => voteFact(vote, after(vote.at))),
    ...state.comments.map(({ id }) => ({ key: `comment ${id}`, text: '💬 a comment', emoji: '💬' })),
    ...state.deletions.map(({ id, isDeleted, at }) => ({
      key: `deletion ${id}`,
      text: isDeleted ? `⚫ deleted${after(at)}` : `🔁 undeleted${after(at)}`,
      emoji: null,
    })),
    ...(state.fate === 'deleted' ? [{ key: 'deleted', text: '', emoji: '🗑️' }] : []),
    ...(state.deletedAt !== null && state.deletions.length === 0
      ? [{ key: 'deleted at', text: `⚫ deleted${after(state.deletedAt)}`, emoji: null }]
      : []),
    ...(state.fate === 'removed' ? [{ key: 'removed', text: '❌ the report was removed', emoji: '❌' }] : []),
  ];
}

function flagFact({ id, kind }: Flag, after: string): readonly Fact[] {
  if (kind === 'auto') return [{ key: `flag ${id}`, text: `🚩 autoflagged${after}`, emoji: '🚩' }];
  if (kind === 'manual') return [{ key: `flag ${id}`, text: `🚩 flagged${after}`, emoji: '🚩' }];
  return kind === 'failed' ? [{ key: `flag ${id}`, text: '❗ a flag failed', emoji: null }] : [];
}

function voteFact({ id, verdict, by }: Vote, after: string): readonly Fact[] {
  if (verdict === 'ignore') return [];
  const who = by === null ? '' : ` by ${by}`;
  return [{ key: `vote ${id} ${verdict}`, text: `${signs[verdict]} ${verdict}${who}${after}`, emoji: signs[verdict] }];
}

/** Returns the text for a fact that was sent and is no longer true: a vote that was taken back. Null for other facts. */
export function takenBack(key: string): string | null {
  const [, verdict] = /^vote \S+ (\w+)$/.exec(key) ?? [];
  return verdict === undefined ? null : `⚪ a ${verdict} was taken back`;
}
