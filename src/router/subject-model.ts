import type { ConditionModel } from './condition-row.ts';

/** What a condition over a subject may ask for, as if it were the columns of a table. */
export const subjectModel: ConditionModel = Object.freeze({
  name: 'subject',
  class: 'Subject',
  singular: 'subject',
  fields: Object.freeze({
    /** Deleted on its site, or its report removed from metasmoke. */
    deleted: 'boolean',
    standing: 'boolean',
    /** How many feedbacks of each kind stand. */
    tp: 'integer',
    fp: 'integer',
    naa: 'integer',
    confirmed: 'boolean',
    disputed: 'boolean',
    false_positive: 'boolean',
    autoflagged: 'boolean',
    flags: 'integer',
    comments: 'integer',
    /** Of all its reasons together; null where they are not known. */
    weight: 'integer',
    /** Seconds since the report. */
    age: 'integer',
    title: 'string',
    site: 'string',
    username: 'string',
    user_reputation: 'integer',
  } as const),
});

/** What holds a message back for good unless a subscription says otherwise: nobody needs to look at the post any more. */
export const defaultUnless = 'subject.deleted || subject.false_positive';
