import type { EventObject } from '../words.ts';
import type { ModelInfo } from './catalogue.ts';
import { underscore } from './inflect.ts';
import { idText } from './subject.ts';

/** Most rows that one row names. */
const MOST_NAMED = 50;

/**
 * Returns the subjects of the rows that a row names by their ids: `user_id: 5` → `user` → `user:5`; `reportable_type:
 * SpamDomain` and `reportable_id: 5` → `reportable` → `spam_domain:5`. `model`: that of the row; undefined: unknown.
 */
export function namedRows(
  object: EventObject,
  model: Pick<ModelInfo, 'namedOtherwise'> | undefined,
): ReadonlyMap<string, string> {
  const named = new Map<string, string>();
  for (const [column, value] of Object.entries(object)) {
    if (!column.endsWith('_id')) continue;
    const name = column.slice(0, -'_id'.length);
    const id = idText(value);
    if (!/^\w+$/.test(name) || id === null || named.size >= MOST_NAMED) continue;
    const type = object[`${name}_type`];
    const singular = typeof type === 'string' ? underscore(type) : singularOf(name, model);
    if (singular !== null) named.set(name, `${singular}:${id}`);
  }
  return named;
}

function singularOf(name: string, model: Pick<ModelInfo, 'namedOtherwise'> | undefined): string | null {
  const { namedOtherwise = {} } = model ?? {};
  return Object.hasOwn(namedOtherwise, name) ? (namedOtherwise[name] ?? null) : name;
}
