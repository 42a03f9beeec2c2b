import { timeOf } from '../text/json.ts';
import type { EventObject } from '../words.ts';

/** Columns of up to several megabytes, on which no decision depends. They are stored apart from the others. */
export const longTexts: readonly string[] = ['body', 'markdown', 'why', 'comment', 'error_message'];

/** Ids with more digits are not exact as JavaScript numbers, and no server has them. */
const idNumber = /^\d{1,15}$/;

/** The columns of `events` that hold what an event's row says. */
export interface ObjectColumns {
  readonly object: string;
  readonly texts: string | null;
  readonly text_names: string | null;
  readonly row_number: number | null;
  readonly made_at: number | null;
  readonly detector: number | null;
  readonly quota: number | null;
  readonly review_item: string | null;
  readonly user_id: number | null;
  readonly user_name: string | null;
}

/**
 * Returns the columns for an event's row: queries read those, never the JSON, because PostgreSQL refuses JSON with an
 * escaped NUL or half a surrogate pair anywhere in it, which a hostile title may have.
 */
export function objectColumns(object: EventObject, rowId: string | null): ObjectColumns {
  const names = longTexts.filter((name) => Object.hasOwn(object, name));
  const { smoke_detector_id: detector, api_quota: quota, review_item_id: item, user_id: user } = object;
  return {
    object: JSON.stringify(names.length === 0 ? object : without(names, object)),
    texts: names.length === 0 ? null : JSON.stringify(only(names, object)),
    text_names: names.length === 0 ? null : names.join(' '),
    row_number: rowId !== null && idNumber.test(rowId) ? Number(rowId) : null,
    made_at: timeOf(object.created_at),
    detector: wholeNumber(detector),
    quota: wholeNumber(quota),
    review_item: typeof item === 'number' || typeof item === 'string' ? String(item) : null,
    user_id: wholeNumber(user),
    user_name: typeof object.user_name === 'string' ? object.user_name : null,
  };
}

/** Returns the row that was stored as these columns; without the long texts if `texts` was not read. */
export function objectOfColumns({ object, texts }: { readonly object: string; readonly texts?: string | null }) {
  const rest = JSON.parse(object) as EventObject;
  return texts == null ? rest : { ...rest, ...(JSON.parse(texts) as EventObject) };
}

/** Returns a row whose JSON lacks some columns. A copy of the same shape costs a third of one that is made column by column. */
function without(names: readonly string[], object: EventObject): object {
  const rest: Record<string, unknown> = { ...object };
  for (const name of names) rest[name] = undefined;
  return rest;
}

function only(names: readonly string[], object: EventObject): object {
  const some: Record<string, unknown> = {};
  for (const name of names) some[name] = object[name];
  return some;
}

function wholeNumber(value: unknown): number | null {
  return Number.isSafeInteger(value) ? (value as number) : null;
}
