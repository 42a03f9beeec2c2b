import type { cardFields } from '../render/names.ts';
import { type PostDetails, weightOf } from './post-details.ts';
import {
  countVotes,
  deletionUncertainty,
  isDisputed,
  isFalsePositive,
  type PostState,
  secondsAfterReport,
  type Verdict,
} from './post-state.ts';

/** The people who gave one verdict, or flagged. */
interface People {
  readonly count: number;
  /** The known names; of many people the first and the newest. */
  readonly names: readonly string[];
}

/** The values of a card, counted and named for templates; null for none. Times are whole seconds after the report. */
export type CardValues = Readonly<Record<(typeof cardFields)[number], unknown>>;

/** Returns the values about a post for templates, besides the event. */
export function knownOf(state: PostState, details: PostDetails): Readonly<Record<string, unknown>> {
  const rows = (list: readonly { readonly row: object }[]) => list.map(({ row }) => row);
  return {
    post: state.row,
    feedbacks: rows(state.votes),
    flag_logs: rows(state.flags),
    deletion_logs: rows(state.deletions),
    post_comments: rows(state.comments),
    review_results: rows(state.reviews),
    site: details.site,
    reasons: details.reasons,
    card: cardValues(state, details),
  };
}

function cardValues(state: PostState, details: PostDetails): CardValues {
  const { reasons, flaggers } = details;
  const { counts } = state;
  const after = (at: number | null | undefined) => secondsAfterReport(state, at ?? null);
  const people = (count: number, names: readonly (string | null | undefined)[]): People | null =>
    count === 0 ? null : { count, names: names.flatMap((name) => name ?? []) };
  const votesFor = (wanted: Verdict) =>
    people(
      counts[wanted],
      state.votes.filter(({ verdict }) => verdict === wanted).map(({ by }) => by),
    );
  const auto = state.flags.filter(({ kind }) => kind === 'auto');
  return {
    state: details.isAbsent && state.fate === 'stands' ? 'absent' : state.fate,
    over: state.fate !== 'stands' || details.isAbsent || isFalsePositive(state),
    undeleted: state.fate === 'stands' && counts.undeleted > 0,
    deleted_after: after(state.deletedAt),
    uncertainty: deletionUncertainty(state) || null,
    verdict: verdictOf(state),
    disputed: isDisputed(state),
    tp: votesFor('tp'),
    fp: votesFor('fp'),
    naa: votesFor('naa'),
    voted_after: after(state.votes.find(({ verdict }) => verdict !== 'ignore')?.at),
    autoflagged: state.isAutoflagged,
    autoflagged_after: after(auto[0]?.at),
    flaggers: people(
      counts.auto,
      auto.map(({ id }) => flaggers[id]),
    ),
    flags: counts.manual || null,
    failed_flags: counts.failed || null,
    dry_runs: counts.dryRun || null,
    reasons: reasons?.map(({ name }) => name) ?? [],
    weight: weightOf(details),
    comments: counts.comment || null,
    review: state.reviews.at(-1)?.row.result ?? null,
  };
}

/** Returns the combined verdict of all people; null if there is none. */
function verdictOf(state: PostState): Verdict | 'disputed' | null {
  if (isDisputed(state)) return 'disputed';
  const { tp, fp, naa } = countVotes(state);
  if (tp > 0) return 'tp';
  if (fp > 0) return 'fp';
  return naa > 0 ? 'naa' : null;
}
