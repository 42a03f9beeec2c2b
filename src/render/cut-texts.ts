import type { EventObject, Json } from '../words.ts';

/** Longer texts are cut before a template sees them: 64 kB, in UTF-16 units. */
const longestText = 65_536;

/** A value inside more lists and objects than this is left out: no row has any, and what walks it would run out of stack. */
const deepest = 32;

/** The object with its long texts cut, each ending in "…"; itself where there is nothing to cut. */
export function cutTexts(object: EventObject): EventObject {
  return cutValue(object, 0) as EventObject;
}

function cutValue(value: Json, depth: number): Json {
  if (typeof value === 'string') {
    return value.length <= longestText ? value : `${value.slice(0, longestText).replace(/[\ud800-\udbff]$/, '')}…`;
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
