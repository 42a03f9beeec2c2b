import { Secret } from '../secrets/secret.ts';

/**
 * Returns true if two values of a configuration are the same: plain values, lists and objects all the way down. Two
 * secrets are the same if the configuration, or the file, gives the same value in the same way.
 */
export function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Secret || b instanceof Secret)
    return a instanceof Secret && b instanceof Secret && a.given === b.given && a.file?.name === b.file?.name;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => isSame((a as Fields)[key], (b as Fields)[key]));
}

type Fields = Readonly<Record<string, unknown>>;
