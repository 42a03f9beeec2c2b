import type { cardFields } from '../render/names.ts';
import { hostsIn } from '../text/hosts-in.ts';
import { textOf, timeOf } from '../text/json.ts';
import { type PostDetails, weightOf } from './post-details.ts';
import {
  countVotes,
  deletionUncertainty,
  isDisputed,
  isFalsePositive,
  type PostState,
  secondsAfterReport,
  type Verdict,
  type Vote,
} from './post-state.ts';

/** The people who gave one verdict, or flagged. */
interface People {
  readonly count: number;
  /** The known names; of many people the first and the newest. */
  readonly names: readonly string[];
}

/**
 * Weight of a reason from which on it is heavy. metasmoke's weight of a reason is the percentage of its reports that were
 * spam, so a heavy one alone is wrong at most once in twenty.
 * https://github.com/Charcoal-SE/metasmoke/blob/master/app/helpers/reasons_helper.rb
 */
const HEAVY = 95;

/**
 * Time after a report by which it is autoflagged, ms, if it is: metasmoke flags one after the other right after the
 * report, and waits before each as long as Stack Exchange wants.
 * https://github.com/Charcoal-SE/metasmoke/blob/master/app/models/post.rb (`autoflag`)
 */
export const AUTOFLAGGED_BY_MS = 60_000;

/** The values of a card, counted and named for templates; null for none. Times are whole seconds after the report. */
export type CardValues = Readonly<Record<(typeof cardFields)[number], unknown>>;

/** The other posts of the author of a post that were reported. */
export interface AuthorReports {
  /** Number of posts, however often each was reported. */
  readonly others: number;
  /** True if there are more. */
  readonly more: boolean;
  /** Id of the newest report. */
  readonly newest: string;
}

/** Returns the values about a post for templates, besides the event. */
export function knownOf(
  state: PostState,
  details: PostDetails,
  author: AuthorReports | null,
): Readonly<Record<string, unknown>> {
  const rows = (list: readonly { readonly row: object }[]) => list.map(({ row }) => row);
  return {
    post: state.row,
    feedbacks: rows(state.votes),
    flag_logs: rows(state.flags),
    deletion_logs: rows(state.deletions),
    post_comments: rows(state.comments),
    review_results: rows(state.reviews),
    site: details.site,
    author,
    reasons: heaviestFirst(details)?.map((reason) => ({ ...reason, heavy: reason.weight >= HEAVY })) ?? null,
    card: cardValues(state, details),
  };
}

function cardValues(state: PostState, details: PostDetails): CardValues {
  const { flaggers } = details;
  const { counts } = state;
  const after = (at: number | null | undefined) => secondsAfterReport(state, at ?? null);
  const people = (count: number, names: readonly (string | null | undefined)[]): People | null =>
    count === 0 ? null : { count, names: names.flatMap((name) => name ?? []) };
  const votesFor = (wanted: Verdict) =>
    people(
      counts[wanted],
      state.votes.filter(({ verdict }) => verdict === wanted).map(({ by }) => by),
    );
  const positive = state.votes.filter(({ verdict }) => verdict === 'tp');
  // A list that is not complete does not show how many of all are a tpu.
  const isApart = positive.length === counts.tp;
  const tpu = isApart ? positive.filter(isOnUser) : [];
  const tpAlone = positive.filter((vote) => !tpu.includes(vote));
  const auto = state.flags.filter(({ kind }) => kind === 'auto');
  return {
    state: details.isAbsent && state.fate === 'stands' ? 'absent' : state.fate,
    over: state.fate !== 'stands' || details.isAbsent || isFalsePositive(state),
    edited: state.isEdited,
    undeleted: state.fate === 'stands' && counts.undeleted > 0,
    deleted_after: after(state.deletedAt),
    uncertainty: deletionUncertainty(state) || null,
    verdict: verdictOf(state),
    disputed: isDisputed(state),
    tp: votesFor('tp'),
    tpu: people(
      tpu.length,
      tpu.map(({ by }) => by),
    ),
    tp_alone: people(
      counts.tp - tpu.length,
      tpAlone.map(({ by }) => by),
    ),
    fp: votesFor('fp'),
    naa: votesFor('naa'),
    ignore: votesFor('ignore'),
    voted_after: after(state.votes.find(({ verdict }) => verdict !== 'ignore')?.at),
    autoflagged: state.isAutoflagged,
    autoflagged_after: after(auto[0]?.at),
    not_autoflagged: isNotAutoflagged(state, details),
    domains: details.domains ?? hostsIn(textOf(state.row.body) ?? '').map((name) => ({ name, tags: [] })),
    flaggers: people(
      counts.auto,
      auto.map(({ id }) => flaggers[id]),
    ),
    flags: counts.manual || null,
    failed_flags: counts.failed || null,
    dry_runs: counts.dryRun || null,
    reasons: heaviestFirst(details)?.map(({ name }) => name) ?? [],
    weight: weightOf(details),
    comments: counts.comment || null,
    review: state.reviews.at(-1)?.row.result ?? null,
  };
}

/** Returns true if the flags were read after the post would have been autoflagged, and none of them is automatic. */
function isNotAutoflagged({ isAutoflagged, row }: PostState, { flagsAt }: PostDetails): boolean {
  // The flags of this report were read, not those of a twin.
  const reportedAt = timeOf(row.created_at);
  if (isAutoflagged || reportedAt === null || flagsAt === null) return false;
  return flagsAt >= reportedAt + AUTOFLAGGED_BY_MS;
}

/** Returns true for a `tpu`: it calls the author a spammer, so that all of their posts are reported. */
function isOnUser({ row }: Vote): boolean {
  return typeof row.feedback_type === 'string' && row.feedback_type.startsWith('tpu');
}

function heaviestFirst({ reasons }: PostDetails): PostDetails['reasons'] {
  return reasons === null ? null : reasons.toSorted((a, b) => b.weight - a.weight);
}

/** Returns the combined verdict of all people; null if there is none. */
function verdictOf(state: PostState): Verdict | 'disputed' | null {
  if (isDisputed(state)) return 'disputed';
  const { tp, fp, naa } = countVotes(state);
  if (tp > 0) return 'tp';
  if (fp > 0) return 'fp';
  return naa > 0 ? 'naa' : null;
}
