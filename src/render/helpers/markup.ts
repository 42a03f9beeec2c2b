import { shown } from '../../text/shown.ts';
import { asText, encode, markup } from '../escape.ts';
import { beginning, cutAtWord } from './cut.ts';
import type { Helpers } from './helper.ts';
import { asNumber } from './numbers.ts';
import { firstLines, isNothing } from './text.ts';

/** Limit of Markdown from one value, UTF-16 units. A message cannot use more. */
const mostMarkdown = 16_384;

/** Returns the value for `{{{x}}}`: its own Markdown is read, but it cannot contain encoded text. */
function asMarkdown(value: unknown): string {
  const text = asText(value);
  return shown(text.length > mostMarkdown ? cutAtWord(beginning(text, mostMarkdown), mostMarkdown) : text);
}

export const markupHelpers: Helpers = {
  /** The text as a link if the URL may be shown as one, otherwise plain text. Without a text, the URL is shown. */
  link: {
    usage: 'link <text> <url>',
    least: 2,
    most: 2,
    run: ([text, url]) => {
      if (isNothing(url)) return text;
      return markup(`[${encode(isNothing(text) ? url : text)}](${encode(url)})`);
    },
  },
  /** The text as code; nothing for nothing. */
  code: {
    usage: 'code <text>',
    least: 1,
    most: 1,
    run: ([text]) => (asText(text) === '' ? '' : markup(`\`${encode(text)}\``)),
  },
  /** The text as a spoiler, hidden until the reader opens it. */
  spoiler: {
    usage: 'spoiler <text>',
    least: 1,
    most: 1,
    run: ([text]) => (asText(text) === '' ? '' : markup(`||${encode(text)}||`)),
  },
  /** The arguments that are something and not false, side by side: `spammer · 1 rep · stackoverflow.com`. */
  row: {
    usage: 'row <a> <b> …',
    least: 1,
    most: 20,
    run: (args) => {
      const parts = args.filter((value) => value !== false && !isNothing(value));
      return parts.length === 0 ? '' : markup(parts.map(encode).join(' · '));
    },
  },
  /** The value between two texts, of which a false one is left out; nothing if the value is nothing or false. */
  wrap: {
    usage: 'wrap <value> <before> [<after>]',
    least: 2,
    most: 3,
    run: ([value, before, after]) => {
      if (value === false || isNothing(value)) return '';
      const parts = [before, value, after].filter((part) => part !== false);
      return markup(parts.map(encode).join(''));
    },
  },
  /** The lines of a text (20), each on a line of its own, where `{{x}}` would give one line with ␤ in it. */
  lines: {
    usage: 'lines <text> [<lines>]',
    least: 1,
    most: 2,
    run: ([text, count]) => {
      const most = Math.max(1, Math.floor(asNumber(count) ?? 20));
      const all = firstLines(shown(asText(text)).trim(), most + 1);
      const kept = all.length > most ? [...all.slice(0, most), '…'] : all;
      return markup(kept.map(encode).join('\\\n'));
    },
  },
  /** The same as `{{{x}}}`: the Markdown of the text is read. */
  markdown: {
    usage: 'markdown <text>',
    least: 1,
    most: 1,
    run: ([text]) => markup(asMarkdown(text)),
  },
};
