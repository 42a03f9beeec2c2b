import type { DerivedType } from '../words.ts';
import type { FieldType } from './models.ts';

/** What Lookout concludes about a model, for `ModelInfo`. */
export interface DerivedInfo {
  /** Each type with when it happens, in one line. */
  readonly types: Readonly<Partial<Record<DerivedType, string>>>;
  /** What `object` has beside the row: always there, null where it is not known. */
  readonly fields: Readonly<Record<string, { readonly type: FieldType; readonly description: string }>>;
  /** Columns of the row that `object` does not have: they may have 16 MiB each. */
  readonly without: readonly string[];
}

/** A detector whose newest ping is older than this is down, in seconds (metasmoke's own measure). */
export const silentAfterSeconds = 180;

/** All derived events, by model. The README's table is made from this. */
export const derivedEvents: Readonly<Record<string, DerivedInfo>> = {
  posts: {
    types: {
      deleted: 'the post was deleted on its site',
      undeleted: 'a deleted post is there again',
      autoflagged: 'the first spam flag was cast automatically',
      confirmed: 'the first person says that it is spam (tp)',
      disputed: 'one says that it is spam (tp), another that it is not (fp)',
      false_positive: 'people say that it is no spam (fp), nobody says that it is',
      autoflagged_false_positive: 'the same of a post that was flagged automatically',
      lingering: 'the post still stands so long after its report (`derived.lingering_after`), and is no false positive',
    },
    fields: {
      after: { type: 'integer', description: 'seconds from the report to this' },
      deleted_after: { type: 'integer', description: 'seconds from the report to the deletion; null while it stands' },
      uncertainty: { type: 'integer', description: 'by how many seconds that may be late' },
      tp: { type: 'integer', description: 'how many people say that it is spam' },
      fp: { type: 'integer', description: 'how many say that it is not' },
      naa: { type: 'integer', description: 'how many say that it is not an answer' },
    },
    without: ['body', 'markdown', 'why'],
  },
  smoke_detectors: {
    types: {
      silent: `a detector that does not stand by did not ping for ${silentAfterSeconds} s`,
      back: 'it pings again',
    },
    fields: { silent_for_seconds: { type: 'integer', description: 'seconds without a ping' } },
    without: [],
  },
  statistics: {
    types: {
      quota_low:
        'the API quota that is left fell below `derived.quota_below`; once until it is above again, for each detector',
    },
    fields: { quota_below: { type: 'integer', description: 'the number that it fell below' } },
    without: [],
  },
  source: {
    types: {
      lost: 'the source is lost for `derived.lost_after`',
      back: 'it is heard again after that',
    },
    fields: {
      name: { type: 'string', description: 'what the configuration calls it' },
      reason: { type: 'string', description: 'why it was lost' },
      since: { type: 'datetime', description: 'when it was lost' },
      lost_for_seconds: { type: 'integer', description: 'seconds since then' },
    },
    without: [],
  },
};
