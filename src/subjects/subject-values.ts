import type { EventObject } from '../words.ts';
import { type PostDetails, weightOf } from './post-details.ts';
import { countVotes, isDisputed, isFalsePositive, type PostState } from './post-state.ts';

/**
 * Returns the state of a post as the values of conditions over `subject` (`router/subject-model.ts`). `now`: Unix
 * milliseconds.
 */
export function subjectValues(state: PostState, details: PostDetails, now: number): EventObject {
  const { tp, fp, naa } = countVotes(state);
  const { username, user_reputation: reputation } = state.row;
  return {
    deleted: state.fate !== 'stands',
    standing: state.fate === 'stands',
    tp,
    fp,
    naa,
    confirmed: tp > 0,
    disputed: isDisputed(state),
    false_positive: isFalsePositive(state),
    autoflagged: state.isAutoflagged,
    flags: state.counts.auto + state.counts.manual,
    comments: state.counts.comment,
    weight: weightOf(details),
    age: state.reportedAt === null ? 0 : Math.max(0, Math.floor((now - state.reportedAt) / 1_000)),
    title: state.title,
    site: state.site,
    username: typeof username === 'string' ? username : null,
    user_reputation: typeof reputation === 'number' ? reputation : null,
  };
}
