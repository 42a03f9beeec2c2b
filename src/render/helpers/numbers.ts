import { asText } from '../escape.ts';
import type { Helpers } from './helper.ts';

/** Returns a number, or a text that is only a decimal number (GraphQL gives ids as text), as a number; otherwise null. */
export function asNumber(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'string' && /^\s*[-+]?\d{1,30}(?:\.\d{1,30})?\s*$/.test(value) ? Number(value) : null;
}

const formats = new Map<number, Intl.NumberFormat>();

/** Formats `12,345.68`, with at most the given decimals, 0 to 20. */
function formatNumber(value: number, decimals = 2): string {
  const digits = Math.min(20, Math.max(0, Math.floor(decimals)));
  let format = formats.get(digits);
  if (format === undefined) {
    format = new Intl.NumberFormat('en', { maximumFractionDigits: digits });
    formats.set(digits, format);
  }
  return format.format(value);
}

export const numberHelpers: Helpers = {
  number: {
    usage: 'number <value> [<decimals>]',
    gives: 'a number with thousands apart and at most so many decimals; anything else unchanged',
    defaults: { decimals: '2' },
    example: 'number object.native_id',
    least: 1,
    most: 2,
    run: ([value, decimals]) => {
      const number = asNumber(value);
      return number === null ? value : formatNumber(number, asNumber(decimals) ?? 2);
    },
  },
  plural: {
    usage: 'plural <count> <word for one> [<word for many>]',
    gives: 'the count with the word for it; empty if the count is not a number',
    defaults: { 'word for many': 'the word for one with an s' },
    example: 'plural object.feedbacks_count "vote"',
    least: 2,
    most: 3,
    run: ([count, one, many]) => {
      const number = asNumber(count);
      if (number === null) return '';
      const words = Math.abs(number) === 1 ? asText(one) : many === undefined ? `${asText(one)}s` : asText(many);
      return `${formatNumber(number)} ${words}`;
    },
  },
};
