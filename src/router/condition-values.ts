import type { EventObject, Json } from '../words.ts';

/** A field that a condition names, and its value; undefined: the row has no such field. */
export interface NamedValue {
  readonly owner: 'object' | 'subject';
  readonly field: string;
  readonly value: Json | undefined;
}

/** Most fields that are named. */
const mostNamed = 8;

/** Returns the values of the fields that a condition names. `subject`: the values of the event's subject; null: it has none. */
export function valuesNamedBy(
  condition: string,
  object: EventObject,
  subject: EventObject | null,
): readonly NamedValue[] {
  const names = new Set([...condition.matchAll(/\b(?:object|subject)\.\w+/g)].map(([name]) => name));
  return [...names].slice(0, mostNamed).map((name) => {
    const [owner, field = ''] = name.split('.');
    return owner === 'subject'
      ? { owner: 'subject', field, value: subject?.[field] }
      : { owner: 'object', field, value: object[field] };
  });
}
