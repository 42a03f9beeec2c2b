import type { FieldType, ModelInfo } from '../catalogue/catalogue.ts';
import type { Event, Json } from '../words.ts';
import { limits } from './condition-language.ts';

/** The properties of a model that conditions use. */
export type ConditionModel = Pick<ModelInfo, 'name' | 'class' | 'singular' | 'fields'> &
  Partial<Pick<ModelInfo, 'isPrivate' | 'role' | 'added' | 'nameSite'>>;

/** The values of an event for a condition, in CEL's types. */
export interface ConditionRow {
  /** Maps, because a row may have columns with any name, such as `constructor` and `__proto__`. */
  readonly variables: { readonly object: ReadonlyMap<string, unknown>; readonly event: ReadonlyMap<string, unknown> };
  /** Length of the longest text or list in the row, which limits the cost of operations on it. */
  readonly longest: number;
}

/**
 * Converts a JSON value to CEL: whole numbers become `int` (a JSON number would be a `double`, which no `int` function
 * takes), objects become maps.
 */
function plain(value: Json, seen: (length: number) => void): unknown {
  seen(0);
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (typeof value === 'string') seen(value.length);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    seen(value.length);
    return value.map((item: Json) => plain(item, seen));
  }
  return new Map(Object.entries(value).map(([key, item]) => [key, plain(item, seen)]));
}

/** Converts a column of a known type. A value that does not fit its type stays unchanged, and fails when it is used. */
function typed(type: FieldType | undefined, value: Json, seen: (length: number) => void): unknown {
  switch (type) {
    case 'boolean':
      return value === null ? false : plain(value, seen);
    case 'number':
      return value;
    case 'integer':
      // GraphQL gives ids as text.
      return typeof value === 'string' && /^-?\d{1,18}$/.test(value) ? BigInt(value) : plain(value, seen);
    case 'datetime': {
      const time = typeof value === 'string' ? new Date(value) : null;
      return time === null || Number.isNaN(time.getTime()) ? plain(value, seen) : time;
    }
    case 'string':
    case 'text':
    case 'list':
    case undefined:
      return plain(value, seen);
    default:
      return type satisfies never;
  }
}

function convert(event: Event, model: ConditionModel | undefined): ConditionRow {
  let longest = 0;
  let values = 0;
  const seen = (length: number) => {
    longest = Math.max(longest, length);
    if (++values > limits.rowValues) throw new Error(`the row has more than ${limits.rowValues} values`);
  };
  const object = new Map<string, unknown>();
  for (const [column, value] of Object.entries(event.object)) {
    object.set(column, typed(model?.fields[column], value, seen));
  }
  const about = new Map<string, unknown>([
    ['type', event.type],
    ['class', event.class],
    ['model', event.model],
    ['received_at', new Date(event.receivedAt)],
    ['backfilled', event.origin === 'backfilled'],
  ]);
  return { variables: { object, event: about }, longest };
}

const converted = new WeakMap<Event, { readonly model: ConditionModel | undefined; readonly row: ConditionRow }>();

/** Returns the row of an event for conditions, converted once for all of them. */
export function conditionRow(event: Event, model: ConditionModel | undefined): ConditionRow {
  const known = converted.get(event);
  if (known && known.model === model) return known.row;
  const row = convert(event, model);
  converted.set(event, { model, row });
  return row;
}
