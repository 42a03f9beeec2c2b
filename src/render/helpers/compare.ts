import { asText } from '../escape.ts';
import type { Helper, Helpers } from './helper.ts';
import { asNumber } from './numbers.ts';
import { isNothing } from './text.ts';

/** Compares exactly, except that null equals missing. */
function isSame(a: unknown, b: unknown): boolean {
  return (a ?? null) === (b ?? null);
}

/**
 * Compares numbers (also as text) by value, and texts by code units (which orders ISO times); null if there is no
 * order.
 */
function order(a: unknown, b: unknown): number | null {
  const [x, y] = [asNumber(a), asNumber(b)];
  if (x !== null && y !== null) return x - y;
  if (typeof a !== 'string' || typeof b !== 'string') return null;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Creates a comparison that is false for null, and for values without an order. */
function ordered(name: string, gives: string, holds: (difference: number) => boolean): Helper {
  return {
    usage: `${name} <a> <b>`,
    result: 'truth',
    gives: `true if a is ${gives} b: numbers (also as text) by value, texts by their letters; false with null`,
    example: `${name} object.user_reputation 50`,
    least: 2,
    most: 2,
    run: ([a, b]) => {
      const difference = order(a, b);
      return difference !== null && holds(difference);
    },
  };
}

/** Returns the truth value as `#if` does, but false for blank text. */
function isTrue(value: unknown): boolean {
  return value !== false && value !== 0 && !isNothing(value);
}

export const compareHelpers: Helpers = {
  eq: {
    usage: 'eq <a> <b>',
    result: 'truth',
    gives: 'true if both are exactly the same; null and missing are the same',
    example: 'eq object.score -1',
    least: 2,
    most: 2,
    run: ([a, b]) => isSame(a, b),
  },
  ne: {
    usage: 'ne <a> <b>',
    result: 'truth',
    gives: 'true if they are not the same',
    example: 'ne object.score -1',
    least: 2,
    most: 2,
    run: ([a, b]) => !isSame(a, b),
  },
  lt: ordered('lt', 'less than', (difference) => difference < 0),
  lte: ordered('lte', 'at most', (difference) => difference <= 0),
  gt: ordered('gt', 'more than', (difference) => difference > 0),
  gte: ordered('gte', 'at least', (difference) => difference >= 0),
  and: {
    usage: 'and <a> <b> …',
    gives: 'its first argument that is empty or false, else the last',
    example: 'and object.is_tp object.username',
    least: 1,
    most: 20,
    run: (args) => args.find((value) => !isTrue(value)) ?? (args.every(isTrue) ? args.at(-1) : null),
  },
  or: {
    usage: 'or <a> <b> …',
    gives: 'its first argument that is neither empty nor false, else the last',
    example: 'or object.deleted_at object.username',
    least: 1,
    most: 20,
    run: (args) => args.find(isTrue) ?? args.at(-1),
  },
  not: {
    usage: 'not <a>',
    result: 'truth',
    gives: 'true if the value is empty or false',
    example: 'not object.deleted_at',
    least: 1,
    most: 1,
    run: ([value]) => !isTrue(value),
  },
  in: {
    usage: 'in <value> <a> <b> …',
    result: 'truth',
    gives: 'true if the value is one of the others',
    example: 'in object.site "stackoverflow.com" "superuser.com"',
    least: 2,
    most: 20,
    run: ([value, ...others]) => others.some((other) => isSame(value, other)),
  },
  contains: {
    usage: 'contains <list or text> <item or part>',
    result: 'truth',
    gives: 'true if the list has the item, or the text the part',
    example: 'contains object.tags "html"',
    least: 2,
    most: 2,
    run: ([whole, part]) => {
      if (Array.isArray(whole)) return whole.some((item) => isSame(item, part));
      return !isNothing(part) && asText(whole).includes(asText(part));
    },
  },
};
