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
  link: {
    usage: 'link <text> <url>',
    result: 'markup',
    gives:
      'a link, if the URL may be shown as one (metasmoke, Stack Exchange hosts); else plain text; without a text the URL is shown',
    example: 'link object.username object.user_link',
    least: 2,
    most: 2,
    run: ([text, url]) => {
      if (isNothing(url)) return text;
      return markup(`[${encode(isNothing(text) ? url : text)}](${encode(url)})`);
    },
  },
  code: {
    usage: 'code <text>',
    result: 'markup',
    gives: 'the text as code',
    example: 'code object.username',
    least: 1,
    most: 1,
    run: ([text]) => (asText(text) === '' ? '' : markup(`\`${encode(text)}\``)),
  },
  spoiler: {
    usage: 'spoiler <text>',
    result: 'markup',
    gives: 'the text hidden until a reader asks for it',
    example: 'spoiler object.title',
    least: 1,
    most: 1,
    run: ([text]) => (asText(text) === '' ? '' : markup(`||${encode(text)}||`)),
  },
  row: {
    usage: 'row <a> <b> …',
    result: 'markup',
    gives: 'its arguments that are neither empty nor false, side by side',
    example: 'row object.username object.deleted_at object.site',
    least: 1,
    most: 20,
    run: (args) => {
      const parts = args.filter((value) => value !== false && !isNothing(value));
      return parts.length === 0 ? '' : markup(parts.map(encode).join(' · '));
    },
  },
  wrap: {
    usage: 'wrap <value> <before> [<after>]',
    result: 'markup',
    gives: 'the value between two texts, of which a false one is left out; empty if the value is empty or false',
    defaults: { after: 'nothing' },
    example: 'wrap object.user_reputation "rep: "',
    least: 2,
    most: 3,
    run: ([value, before, after]) => {
      if (value === false || isNothing(value)) return '';
      const parts = [before, value, after].filter((part) => part !== false);
      return markup(parts.map(encode).join(''));
    },
  },
  lines: {
    usage: 'lines <text> [<lines>]',
    result: 'markup',
    gives: 'the lines of a text, each on a line of its own; `{{x}}` would show one line with ␤ in it',
    defaults: { lines: '20' },
    example: 'lines object.body',
    least: 1,
    most: 2,
    run: ([text, count]) => {
      const most = Math.max(1, Math.floor(asNumber(count) ?? 20));
      const all = firstLines(shown(asText(text)).trim(), most + 1);
      const kept = all.length > most ? [...all.slice(0, most), '…'] : all;
      return markup(kept.map(encode).join('\\\n'));
    },
  },
  markdown: {
    usage: 'markdown <text>',
    result: 'markup',
    gives: 'the text with its own Markdown, as `{{{x}}}`',
    example: 'markdown "**bold**"',
    least: 1,
    most: 1,
    run: ([text]) => markup(asMarkdown(text)),
  },
};
