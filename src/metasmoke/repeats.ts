import type { Repeat } from '../catalogue/catalogue.ts';

/**
 * Events that tell a room what another one has told it already, by model. Measured on metasmoke's own code: a report is saved about four
 * times after it was made, a feedback once more when the name of its author is known, and every report makes a review item.
 */
export const repeats: Readonly<Record<string, readonly Repeat[]>> = {
  posts: [
    {
      type: 'update',
      model: 'posts',
      by: 'create',
      why: 'a report is saved again about four times, mostly with nothing new',
    },
    { type: 'deleted', model: 'deletion_logs', by: 'create', why: 'a deletion log is what it is derived from' },
    {
      type: 'autoflagged',
      model: 'flag_logs',
      by: 'create',
      why: 'the log of the first automatic flag is what it is derived from',
    },
  ],
  deletion_logs: [{ type: 'create', model: 'posts', by: 'deleted', why: 'that is derived from the deletion log' }],
  feedbacks: [
    {
      type: 'update',
      model: 'feedbacks',
      by: 'create',
      why: 'a feedback is saved again when the name of its author is known',
    },
  ],
  flag_logs: [
    {
      type: 'create',
      model: 'posts',
      by: 'autoflagged',
      why: 'that is derived from the log of the first automatic flag',
    },
  ],
  review_items: [{ type: 'create', model: 'posts', by: 'create', why: 'every report makes a review item' }],
};
