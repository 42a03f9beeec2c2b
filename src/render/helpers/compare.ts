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
function ordered(name: string, holds: (difference: number) => boolean): Helper {
  return {
    usage: `${name} <a> <b>`,
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
  /** Exact equality; null equals missing. */
  eq: { usage: 'eq <a> <b>', least: 2, most: 2, run: ([a, b]) => isSame(a, b) },
  ne: { usage: 'ne <a> <b>', least: 2, most: 2, run: ([a, b]) => !isSame(a, b) },
  lt: ordered('lt', (difference) => difference < 0),
  lte: ordered('lte', (difference) => difference <= 0),
  gt: ordered('gt', (difference) => difference > 0),
  gte: ordered('gte', (difference) => difference >= 0),
  /** The first argument that is nothing or false, otherwise the last. */
  and: {
    usage: 'and <a> <b> …',
    least: 1,
    most: 20,
    run: (args) => args.find((value) => !isTrue(value)) ?? (args.every(isTrue) ? args.at(-1) : null),
  },
  /** The first argument that is something and not false, otherwise the last. */
  or: {
    usage: 'or <a> <b> …',
    least: 1,
    most: 20,
    run: (args) => args.find(isTrue) ?? args.at(-1),
  },
  not: { usage: 'not <a>', least: 1, most: 1, run: ([value]) => !isTrue(value) },
  /** True if the first argument equals one of the others. */
  in: {
    usage: 'in <value> <a> <b> …',
    least: 2,
    most: 20,
    run: ([value, ...others]) => others.some((other) => isSame(value, other)),
  },
  /** True if a list contains the item, or a text the part. */
  contains: {
    usage: 'contains <list or text> <item or part>',
    least: 2,
    most: 2,
    run: ([whole, part]) => {
      if (Array.isArray(whole)) return whole.some((item) => isSame(item, part));
      return !isNothing(part) && asText(whole).includes(asText(part));
    },
  },
};
