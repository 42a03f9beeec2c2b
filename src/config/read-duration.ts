import { type Context, textError } from './context.ts';
import type { Text } from './tree.ts';
import { parseDuration } from './units.ts';

/** A length of time in milliseconds; null where there is none and no default; `wrong` where it is, which is reported. */
export function readDuration(
  context: Context,
  text: Text | null,
  minimum: string,
  maximum: string,
): number | null | 'wrong';
export function readDuration(
  context: Context,
  text: Text | null,
  minimum: string,
  maximum: string,
  byDefault: string,
): number | 'wrong';
export function readDuration(
  context: Context,
  text: Text | null,
  minimum: string,
  maximum: string,
  byDefault: string | null = null,
): number | null | 'wrong' {
  const written = text?.value ?? byDefault;
  if (written === null) return null;
  const parsed = parseDuration(written, minimum, maximum);
  if (parsed.outcome === 'value') return parsed.value;
  if (text !== null) textError(context, text, 0, parsed.wrong, parsed.right);
  return 'wrong';
}
