import { excerpt } from '../text/excerpt.ts';
import type { EventObject, Json } from '../words.ts';

/** Limit of a text in a template, UTF-16 units. Longer ones are cut first. */
const longestText = 65_536;

/** Limit of nesting. A deeper value is left out: no row has one, and code that walks it would overflow the stack. */
const deepest = 32;

/** Returns the object with its long texts cut, each ending in "…"; the same object if none is too long. */
export function cutTexts(object: EventObject): EventObject {
  return cutValue(object, 0) as EventObject;
}

function cutValue(value: Json, depth: number): Json {
  if (typeof value === 'string') {
    return excerpt(value, longestText);
  }
  if (value === null || typeof value !== 'object') return value;
  if (depth > deepest) return '…';
  if (Array.isArray(value)) {
    const items = value.map((item: Json) => cutValue(item, depth + 1));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  const entries = Object.entries(value);
  const cut = entries.map(([key, item]) => [key, cutValue(item, depth + 1)] as const);
  return cut.every(([, item], index) => item === entries[index]![1]) ? value : Object.fromEntries(cut);
}
