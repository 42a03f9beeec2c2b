import { excerpt } from '../text/excerpt.ts';
import { nearest } from '../text/nearest.ts';
import { type Context, textError } from './context.ts';
import type { Text } from './tree.ts';

/** `rooms.*.timezone`, `UTC` by default. An unknown name is reported. */
export function readTimeZone(context: Context, text: Text | null): string {
  if (text === null) return 'UTC';
  const name = text.value.trim();
  if (isTimeZone(name)) return name;
  const meant = nearest(name, Intl.supportedValuesOf('timeZone'));
  const right = meant !== null ? `did you mean ${meant}?` : 'write an IANA name: Europe/Berlin, UTC';
  textError(context, text, 0, `"${excerpt(name, 64)}" is not a time zone`, right);
  return 'UTC';
}

/** A name of the IANA database; not an offset, which knows no summer time. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
