import Handlebars from 'handlebars';
import { shown, shownLine } from '../text/shown.ts';
import type { Json } from '../words.ts';

/**
 * The one escape.
 *
 * Every value in a template goes through `encode` (see interpolation.ts) and becomes code points for which Markdown has
 * no rule: each UTF-16 unit `c` of its shown form is U+F0000 + c, in a private-use plane. Whatever the value contains
 * and wherever the template puts it (a link, a code fence, the beginning of a line), the Markdown parser sees letters.
 * The texts of the parsed tree are decoded again. These code points cannot come from elsewhere: `compileTemplate`
 * rejects them, and `shown` shows those of an event as numbers.
 */

/** Encoded form of a value that is null, missing or empty, so that `**{{x}}**` is an empty bold text and not four stars. */
export const nothing = '\u{f0000}';

const encodedUnit = /[\udb80-\udbbf][\udc00-\udfff]/g;
const anyEncoded = /[\udb80-\udbbf]/;

/** Returns a value as text, before the shown form: lists as `a, b`, objects as JSON, null as nothing. */
export function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof Handlebars.SafeString) return decodeText(value.toString());
  if (Array.isArray(value)) return value.map(asText).join(', ');
  return typeof value === 'object' ? JSON.stringify(value as Json) : '';
}

/**
 * Encodes a value in code points that only `decodeLine` and `decodeText` read. A helper's `markup` is already encoded
 * and stays.
 */
export function encode(value: unknown): string {
  if (value instanceof Handlebars.SafeString) return value.toString();
  const text = shown(asText(value));
  if (text === '') return nothing;
  let encoded = '';
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    encoded += String.fromCharCode(0xdb80 + (unit >> 10), 0xdc00 + (unit & 0x3ff));
  }
  return encoded;
}

function decode(text: string): string {
  if (!anyEncoded.test(text)) return text;
  return text.replace(encodedUnit, (pair) =>
    pair === nothing ? '' : String.fromCharCode(((pair.charCodeAt(0) - 0xdb80) << 10) + (pair.charCodeAt(1) & 0x3ff)),
  );
}

/** Decodes a part of a template's result that stays in one line: title, paragraph, code in a line. */
export function decodeLine(text: string): string {
  return shownLine(decode(text));
}

/** Decodes a part of a template's result that may have several lines: a code block. */
export function decodeText(text: string): string {
  return shown(decode(text));
}

/** Characters that a template itself must not contain, because they would be read as encoded text. */
export const reserved = /[\udb80-\udbbf]/;

/** Marks Markdown made by a helper, in which every value is encoded. */
export function markup(markdown: string): Handlebars.SafeString {
  return new Handlebars.SafeString(markdown);
}
