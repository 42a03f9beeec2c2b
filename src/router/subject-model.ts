import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Event, EventObject } from '../words.ts';
import type { ConditionModel } from './condition-row.ts';

/** The fields of a condition over a subject, in the form of a table's columns. */
export const subjectModel: ConditionModel = Object.freeze({
  name: 'subject',
  class: 'Subject',
  singular: 'subject',
  fields: Object.freeze({
    /** Deleted on its site, or its report removed from metasmoke. */
    deleted: 'boolean',
    standing: 'boolean',
    /** Number of valid feedbacks of each kind. */
    tp: 'integer',
    fp: 'integer',
    naa: 'integer',
    confirmed: 'boolean',
    disputed: 'boolean',
    false_positive: 'boolean',
    autoflagged: 'boolean',
    flags: 'integer',
    comments: 'integer',
    /** Total weight of its reasons; null if unknown. */
    weight: 'integer',
    /** Seconds since the report. */
    age: 'integer',
    title: 'string',
    site: 'string',
    username: 'string',
    user_reputation: 'integer',
  } as const),
});

/** Returns the same for a source, whose sites people spell in their own ways. */
export function subjectModelOf(catalogue: Pick<Catalogue, 'ofRole'>): ConditionModel {
  const report = catalogue.ofRole('report');
  return report === undefined ? subjectModel : { ...subjectModel, nameSite: report.nameSite };
}

/** Returns an event that carries the values of its subject in place of its row, for conditions over the subject. */
export function aboutSubject(event: Event, values: EventObject): Event {
  return { ...event, model: subjectModel.name, object: values };
}

/** Default `unless`: cancels held messages about posts that no longer need review. */
export const defaultUnless = 'subject.deleted || subject.false_positive';
