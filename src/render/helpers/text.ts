import { absoluteUrl } from '../../text/absolute-url.ts';
import { hostsIn } from '../../text/hosts-in.ts';
import { shown } from '../../text/shown.ts';
import { asText } from '../escape.ts';
import { cutAtWord } from './cut.ts';
import type { Helpers } from './helper.ts';
import { htmlText } from './html-text.ts';
import { asNumber } from './numbers.ts';

/** Returns true for null, missing, blank text and an empty list. `false` and 0 are something. */
export function isNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'boolean' ? false : shown(asText(value)).trim() === '';
}

/**
 * Returns the first lines of a text in its shown form, at most `most`, without reading further. Blank lines are
 * skipped: otherwise many line breaks in front would hide the text.
 */
export function firstLines(text: string, most: number): readonly string[] {
  const whole = shown(text);
  const lines: string[] = [];
  for (let at = 0; at <= whole.length && lines.length < most; ) {
    const end = whole.indexOf('\n', at);
    const line = whole.slice(at, end < 0 ? whole.length : end);
    if (line.trim() !== '') lines.push(line);
    at = end < 0 ? whole.length + 1 : end + 1;
  }
  return lines;
}

/** Ids and times of the row itself, which do not tell a reader much. */
const dull = /^(?:id|created_at|updated_at|.*_id)$/;
const summaryCharacters = 80;

function summary(object: unknown, most: number): string {
  if (object === null || typeof object !== 'object' || Array.isArray(object))
    return cutAtWord(asText(object), summaryCharacters);
  return Object.entries(object)
    .filter(([column, value]) => !dull.test(column) && !isNothing(value) && typeof value !== 'object')
    .slice(0, most)
    .map(([column, value]) => `${column}: ${cutAtWord(asText(value), summaryCharacters)}`)
    .join(' · ');
}

export const textHelpers: Helpers = {
  /** The text, cut after a word to at most the given number of characters (100). */
  truncate: {
    usage: 'truncate <text> [<characters>]',
    least: 1,
    most: 2,
    run: ([text, most]) => cutAtWord(asText(text), Math.floor(asNumber(most) ?? 100)),
  },
  /** The text of HTML without its markup, with line breaks; addresses of links stand behind their texts. */
  html_text: { usage: 'html_text <html>', least: 1, most: 1, run: ([html]) => htmlText(asText(html)) },
  /** The first line that is not blank. */
  first_line: {
    usage: 'first_line <text>',
    least: 1,
    most: 1,
    run: ([text]) => firstLines(asText(text), 1)[0]?.trim() ?? '',
  },
  /** The value, or the fallback if the value is null, missing, blank or an empty list. */
  default: {
    usage: 'default <value> <fallback>',
    least: 2,
    most: 2,
    run: ([value, fallback]) => (isNothing(value) ? fallback : value),
  },
  /** The items of a list that are something, joined by a separator (", "); a single value unchanged. */
  join: {
    usage: 'join <list> [<separator>]',
    least: 1,
    most: 2,
    run: ([list, separator]) => {
      const items = Array.isArray(list) ? list : [list];
      const texts = items.filter((item) => !isNothing(item)).map(asText);
      return texts.join(separator === undefined ? ', ' : asText(separator));
    },
  },
  /** The host of a URL, with or without a scheme, without `www.`: `stackoverflow.com`. Nothing if it is not a URL. */
  host: {
    usage: 'host <url>',
    least: 1,
    most: 1,
    run: ([url]) => URL.parse(absoluteUrl(asText(url)))?.hostname.replace(/^www\./, '') ?? '',
  },
  /** The hosts of the web addresses in a text, a list: `evil.example`. */
  hosts: { usage: 'hosts <text>', least: 1, most: 1, run: ([text]) => hostsIn(asText(text)) },
  /** `name: x · location: y`: the first informative columns (4) of a row, for models without a template. */
  summary: {
    usage: 'summary <object> [<columns>]',
    least: 1,
    most: 2,
    run: ([object, most]) => summary(object, asNumber(most) ?? 4),
  },
  /** The value as JSON, on one line or indented by the given number of spaces. */
  json: {
    usage: 'json <value> [<spaces>]',
    least: 1,
    most: 2,
    run: ([value, spaces]) => JSON.stringify(value ?? null, null, asNumber(spaces) ?? 0),
  },
};
