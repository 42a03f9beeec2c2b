import type { TextProblem } from '../catalogue/event-spec.ts';
import { excerpt } from '../text/excerpt.ts';
import { nearest } from '../text/nearest.ts';
import { type Context, textError } from './context.ts';
import type { Text } from './tree.ts';

type ParsedTimeZone =
  | { readonly outcome: 'zone'; readonly zone: string }
  | { readonly outcome: 'problem'; readonly problem: TextProblem };

/** Parses the name of a time zone in the IANA database. An offset is a problem, because it has no summer time. */
export function parseTimeZone(text: string): ParsedTimeZone {
  const zone = text.trim();
  if (isTimeZone(zone)) return { outcome: 'zone', zone };
  const known = Intl.supportedValuesOf('timeZone');
  const city = `/${zone.toLowerCase().replaceAll(' ', '_')}`;
  const meant = known.find((name) => name.toLowerCase().endsWith(city)) ?? nearest(zone, known);
  const right = meant !== null ? `did you mean ${meant}?` : 'write an IANA name: Europe/Berlin, UTC';
  const wrong = `"${excerpt(zone, 64)}" is not a time zone`;
  return { outcome: 'problem', problem: { offset: 0, length: text.length, wrong, right } };
}

/** Reads the name of a time zone; null if there is none. What is wrong is reported. */
export function readTimeZone(context: Context, text: Text | null): string | null {
  if (text === null) return null;
  const parsed = parseTimeZone(text.value);
  if (parsed.outcome === 'zone') return parsed.zone;
  textError(context, text, 0, parsed.problem.wrong, parsed.problem.right);
  return null;
}

function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
