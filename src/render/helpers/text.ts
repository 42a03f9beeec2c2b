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
  truncate: {
    usage: 'truncate <text> [<characters>]',
    gives: 'the text, cut after a word to at most so many characters, with … at the end',
    defaults: { characters: '100' },
    example: 'truncate object.title 14',
    least: 1,
    most: 2,
    run: ([text, most]) => cutAtWord(asText(text), Math.floor(asNumber(most) ?? 100)),
  },
  html_text: {
    usage: 'html_text <html>',
    gives: 'the text of HTML without its markup, with line breaks; the addresses of links stand behind their texts',
    example: 'html_text object.body',
    least: 1,
    most: 1,
    run: ([html]) => htmlText(asText(html)),
  },
  first_line: {
    usage: 'first_line <text>',
    gives: 'the first line that is not blank',
    example: 'first_line object.why',
    least: 1,
    most: 1,
    run: ([text]) => firstLines(asText(text), 1)[0]?.trim() ?? '',
  },
  default: {
    usage: 'default <value> <fallback>',
    gives: 'the value, or the fallback if the value is empty',
    example: 'default object.deleted_at "still there"',
    least: 2,
    most: 2,
    run: ([value, fallback]) => (isNothing(value) ? fallback : value),
  },
  join: {
    usage: 'join <list> [<separator>]',
    gives: 'the non-empty items of a list with the separator between them; a single value unchanged',
    defaults: { separator: '`, `' },
    example: 'join object.tags " and "',
    least: 1,
    most: 2,
    run: ([list, separator]) => {
      const items = Array.isArray(list) ? list : [list];
      const texts = items.filter((item) => !isNothing(item)).map(asText);
      return texts.join(separator === undefined ? ', ' : asText(separator));
    },
  },
  host: {
    usage: 'host <url>',
    gives: 'the host of a URL, with or without a scheme, without `www.`; empty if it is not a URL',
    example: 'host object.link',
    least: 1,
    most: 1,
    run: ([url]) => URL.parse(absoluteUrl(asText(url)))?.hostname.replace(/^www\./, '') ?? '',
  },
  hosts: {
    usage: 'hosts <text>',
    result: 'list',
    gives: 'a list of the hosts of the web addresses in a text (20, of its first 32 kB), to be shown as text',
    example: 'join (hosts object.body)',
    least: 1,
    most: 1,
    run: ([text]) => hostsIn(asText(text)),
  },
  summary: {
    usage: 'summary <object> [<columns>]',
    gives: 'the first non-empty columns of a row with their names, without ids and times',
    defaults: { columns: '4' },
    example: 'summary object 2',
    least: 1,
    most: 2,
    run: ([object, most]) => summary(object, asNumber(most) ?? 4),
  },
  json: {
    usage: 'json <value> [<spaces>]',
    gives: 'the value as JSON, on one line or indented by so many spaces',
    defaults: { spaces: 'one line' },
    example: 'json object.tags',
    least: 1,
    most: 2,
    run: ([value, spaces]) => JSON.stringify(value ?? null, null, asNumber(spaces) ?? 0),
  },
};
