import type { FieldType } from '../catalogue/catalogue.ts';
import type { SentSpec } from '../catalogue/event-spec.ts';
import { silentAfterSeconds } from '../catalogue/silent-after.ts';
import { type DerivedType, type SentType, sentTypes } from '../words.ts';

/** The derived types and fields of a model, for `ModelInfo`. */
export interface DerivedInfo {
  /** A one-line description of each type. */
  readonly types: Readonly<Partial<Record<DerivedType, string>>>;
  /** The events from which each type is derived; none: from the connection. */
  readonly needs: Readonly<Partial<Record<DerivedType, SentSpec>>>;
  /** Fields of `object` besides the row: always present, null if unknown. */
  readonly fields: Readonly<Record<string, { readonly type: FieldType; readonly description: string }>>;
  /** Columns of the row that `object` omits, because they may have 16 MiB each. */
  readonly without: readonly string[];
}

const all = (...models: readonly string[]): SentSpec => new Map(models.map((model) => [model, new Set(sentTypes)]));
const some = (model: string, ...types: readonly SentType[]): SentSpec => new Map([[model, new Set(types)]]);
const pings = some('smoke_detectors', 'create', 'update');

/** All derived events, by model. The table of derived events in the documentation is generated from this. */
export const derivedEvents: Readonly<Record<string, DerivedInfo>> = {
  posts: {
    types: {
      deleted: 'the post was deleted on its site',
      undeleted: 'a deleted post was undeleted',
      autoflagged: 'the first automatic spam flag was cast',
      confirmed: 'the first reviewer called it spam (tp)',
      disputed: 'one reviewer called it spam (tp), another called it not spam (fp)',
      false_positive: 'reviewers called it not spam (fp), and none called it spam',
      autoflagged_false_positive: 'a false positive that had been flagged automatically',
      flagged_not_spam:
        'the first feedback on an automatically flagged post that does not call it spam (fp, naa or ignore): its flaggers may retract',
      lingering: 'the post is not deleted `derived.lingering_after` after its report, and is not a false positive',
    },
    needs: {
      deleted: all('posts', 'deletion_logs'),
      undeleted: all('posts', 'deletion_logs'),
      autoflagged: all('posts', 'flag_logs'),
      confirmed: all('posts', 'feedbacks'),
      disputed: all('posts', 'feedbacks'),
      false_positive: all('posts', 'feedbacks'),
      autoflagged_false_positive: all('posts', 'feedbacks', 'flag_logs'),
      flagged_not_spam: all('posts', 'feedbacks', 'flag_logs'),
      lingering: all('posts', 'deletion_logs', 'feedbacks'),
    },
    fields: {
      after: { type: 'integer', description: 'seconds from the report to this event' },
      deleted_after: {
        type: 'integer',
        description: 'seconds from the report to the deletion; null if it is not deleted',
      },
      uncertainty: { type: 'integer', description: 'seconds by which the time of the deletion may be late' },
      tp: { type: 'integer', description: 'number of reviewers who called it spam' },
      fp: { type: 'integer', description: 'number of reviewers who called it not spam' },
      naa: { type: 'integer', description: 'number of reviewers who called it not an answer' },
    },
    without: ['body', 'markdown', 'why'],
  },
  smoke_detectors: {
    types: {
      silent: `a detector that is not on standby sent no ping for ${silentAfterSeconds} s`,
      back: 'it pings again',
    },
    needs: { silent: pings, back: pings },
    fields: { silent_for_seconds: { type: 'integer', description: 'seconds without a ping' } },
    without: [],
  },
  statistics: {
    types: {
      quota_low:
        'the remaining API quota fell below `derived.quota_below`; once for each detector, until it rises above it again',
    },
    needs: { quota_low: some('statistics', 'create') },
    fields: { quota_below: { type: 'integer', description: 'the limit that it fell below' } },
    without: [],
  },
  source: {
    types: {
      lost: 'no connection to the source for `derived.lost_after`',
      back: 'connected again after that',
    },
    needs: {},
    fields: {
      name: { type: 'string', description: 'its name in the configuration' },
      reason: { type: 'string', description: 'the reason for the loss' },
      since: { type: 'datetime', description: 'time of the loss' },
      lost_for_seconds: { type: 'integer', description: 'seconds since the loss' },
    },
    without: [],
  },
};
