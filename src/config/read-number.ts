import type { Context } from './context.ts';
import type { Mapping } from './tree.ts';

/** A whole number within bounds; null where there is none, or a wrong one, which is reported. */
export function readNumber(
  context: Context,
  map: Mapping | null,
  key: string,
  least: number,
  most: number,
): number | null {
  const value = map?.entries.get(key)?.value;
  // What is no whole number has been reported when the shape was checked.
  if (value?.kind !== 'number' || !Number.isSafeInteger(value.value)) return null;
  const number = Number(value.value);
  if (number >= least && number <= most) return number;
  context.report.error(value.offset, `${value.written} is out of bounds`, `write a number from ${least} to ${most}`);
  return null;
}
