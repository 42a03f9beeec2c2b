import { shown } from '../../text/shown.ts';
import { asText, encode, markup } from '../escape.ts';
import { beginning, cutAtWord } from './cut.ts';
import type { Helpers } from './helper.ts';
import { asNumber } from './numbers.ts';
import { firstLines, isNothing } from './text.ts';

/** More Markdown than this out of one value is not a message any more, in UTF-16 units. */
const mostMarkdown = 16_384;

/** The value as it stands, for `{{{x}}}`: its own Markdown is read, but it can bring no encoded text with it. */
function asMarkdown(value: unknown): string {
  const text = asText(value);
  return shown(text.length > mostMarkdown ? cutAtWord(beginning(text, mostMarkdown), mostMarkdown) : text);
}

export const markupHelpers: Helpers = {
  /** The text as a link, if the URL is one that may be shown as a link; else plain text. Without a text, the URL is it. */
  link: {
    usage: 'link <text> <url>',
    least: 2,
    most: 2,
    run: ([text, url]) => {
      if (isNothing(url)) return text;
      return markup(`[${encode(isNothing(text) ? url : text)}](${encode(url)})`);
    },
  },
  /** The text in the look of code; nothing for nothing. */
  code: {
    usage: 'code <text>',
    least: 1,
    most: 1,
    run: ([text]) => (asText(text) === '' ? '' : markup(`\`${encode(text)}\``)),
  },
  /** The text hidden until a reader asks for it. */
  spoiler: {
    usage: 'spoiler <text>',
    least: 1,
    most: 1,
    run: ([text]) => (asText(text) === '' ? '' : markup(`||${encode(text)}||`)),
  },
  /** Those of its arguments that are something and not false, side by side: `spammer · 1 rep · stackoverflow.com`. */
  row: {
    usage: 'row <a> <b> …',
    least: 1,
    most: 20,
    run: (args) => {
      const parts = args.filter((value) => value !== false && !isNothing(value));
      return parts.length === 0 ? '' : markup(parts.map(encode).join(' · '));
    },
  },
  /** The value between two texts, of which one that is false is left out; nothing where the value is nothing or false. */
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
  /** The lines of a text (20), each as text on a line of its own, where `{{x}}` would be one line with ␤ in it. */
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
