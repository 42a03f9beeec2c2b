import { idText } from '../../catalogue/subject.ts';
import type { JsonObject } from '../../text/json.ts';

/** One page of a REST list. */
export interface Page {
  readonly items: readonly JsonObject[];
  readonly hasMore: boolean;
}

/** The content of an answer, or the reason why it is unusable. An unusable answer never means that there are no rows. */
export type Reading<T> =
  | { readonly outcome: 'read'; readonly value: T }
  | { readonly outcome: 'nonsense'; readonly what: string };

const nonsense = (what: string) => ({ outcome: 'nonsense', what }) as const;

/**
 * Reads a page of rows. REST answers every request, even one for a single object, with both keys:
 * https://github.com/Charcoal-SE/metasmoke/blob/master/app/api/api/base.rb (`std_result`, `single_result`).
 */
export function readPage({ items, has_more: hasMore }: JsonObject): Reading<Page> {
  const rows = rowsIn(items);
  if (rows === null) return nonsense('without a list of rows');
  if (typeof hasMore !== 'boolean') return nonsense('without has_more');
  if (hasMore && rows.length === 0) return nonsense('with no rows, though has_more is true');
  return { outcome: 'read', value: { items: rows, hasMore } };
}

/** Reads the names of the fields of REST, in its order: `{"announcements.id": 0, …}`. */
export function readFieldNames(body: JsonObject): Reading<readonly string[]> {
  const names = Object.keys(body);
  // A key that is not a field, for example of an error, would shift the bits of all that follow.
  const isOne = (name: string) => /^\w+\.\w+$/.test(name);
  return names.length > 0 && names.every(isOne) ? { outcome: 'read', value: names } : nonsense('without field names');
}

/** The two kinds of GraphQL answers. */
export type GraphqlBody =
  | { readonly kind: 'data'; readonly data: JsonObject }
  | { readonly kind: 'errors'; readonly errors: unknown };

/** https://spec.graphql.org/October2021/#sec-Response-Format */
export function readGraphqlBody({ data, errors }: JsonObject): Reading<GraphqlBody> {
  if (errors !== undefined) return { outcome: 'read', value: { kind: 'errors', errors } };
  return isObject(data) ? { outcome: 'read', value: { kind: 'data', data } } : nonsense('without data');
}

/** Returns the rows of a list, objects with an id; null if it is not a list, or one of its items is not a row. */
export function rowsIn(list: unknown): readonly JsonObject[] | null {
  if (!Array.isArray(list)) return null;
  return list.every((row) => isObject(row) && idText(row.id as never) !== null)
    ? (list as readonly JsonObject[])
    : null;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
