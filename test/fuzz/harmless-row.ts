import { shown } from '../../src/text/shown.ts';
import type { Json } from '../../src/words.ts';
import { isAllowedLink } from './allowed-link.ts';
import type { Tokens } from './tokens.ts';

type Row = Readonly<Record<string, Json>>;

/** Words and numbers without a special meaning; templates test some of them (`tp`, 42). */
const plain = /^[A-Za-z0-9 -]{0,60}$|^\s*[-+]?\d{1,30}(?:\.\d{1,30})?\s*$/;
const time = /^\d{4}-\d\d-\d\d/;

/**
 * Returns the row with a harmless word for each hostile text. Everything that a template can distinguish stays
 * distinct: blank texts, numbers, times, and addresses that may be links. `wholeLists`: a list or an object is one
 * text, as for helpers that cut it; otherwise each text in it is one.
 */
export function harmlessRow(row: Row, tokens: Tokens, wholeLists: boolean): Row {
  const harmless = (value: Json, inJson: boolean): Json => {
    if (Array.isArray(value)) return value.map((item: Json) => harmless(item, inJson));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [word(key, true), harmless(item as Json, true)]),
      );
    }
    return typeof value === 'string' ? word(value, inJson) : value;
  };
  const word = (text: string, inJson: boolean): string => {
    const look = shown(text);
    const isPlain = plain.test(text) || look.trim() === '' || time.test(text) || isAddress(text);
    return isPlain ? text : tokens.standFor(inJson ? shown(JSON.stringify(text).slice(1, -1)) : look);
  };
  const whole = (value: Json): Json => {
    const text = asText(value);
    const harmlessText = word(text, false);
    return harmlessText === text ? value : harmlessText;
  };
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      plain.test(name.replaceAll('_', '')) ? name : word(name, false),
      wholeLists && name !== 'tags' && typeof value === 'object' ? whole(value) : harmless(value, false),
    ]),
  );
}

/** Returns lists as `a, b`, objects as JSON. */
function asText(value: Json): string {
  if (Array.isArray(value)) return value.map(asText).join(', ');
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return value === null ? '' : String(value);
}

/** Returns true if an address leads to an allowed host, however it is written: a parser of addresses corrects much. */
function isAddress(text: string): boolean {
  const url = URL.parse(text.trim().startsWith('//') ? `https:${text.trim()}` : text.trim());
  return url !== null && isAllowedLink(`${url.protocol}//${url.host}/`);
}
