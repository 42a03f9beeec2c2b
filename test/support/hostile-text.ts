import fc from 'fast-check';
import { codePoint } from './code-point.ts';

/** Texts that a terminal, YAML, the configuration or a reader's eye would treat as more than text. */
const traps = [
  ...[
    '\u001b[31m',
    '\u001b[2J',
    '\u001b]0;title\u0007',
    '\u009b2J',
    '\u0007',
    '\b',
    '\r',
    '\n',
    '\r\n',
    '\t',
    '\u0000',
    '\u007f',
  ],
  ...['\u0085', '\u2028', '\u2029', '\u202e', '\u2066', '\u200b', '\ufeff', '\u{e0001}', '\ud800', '\u0301'.repeat(12)],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's way to name a variable.
  ...['${KEY}', '$${KEY}', '${', '}', '$', '${NO NAME}'],
  ...[
    ' #',
    ': ',
    '- ',
    '!',
    '"',
    "'",
    '\\',
    '---\n',
    '%',
    '&a ',
    '*a',
    '| ',
    '> ',
    '{',
    '[',
    ', ',
    '@',
    '`',
    '~',
    'null',
    'true',
    '1e3',
  ],
];

/** Text that a member of a room, or the source, may write. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...traps),
      fc.string({ unit: codePoint, maxLength: 4 }),
      fc.constantFrom('a', 'ö', '🙂', ' '),
    ),
    {
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(''));

/** Controls except the line feed, bidirectional controls, separators, and lone surrogates. */
const obeyed = /(?!\n)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/**
 * Returns the part of a text that a terminal would obey, or that a reader would see out of place; null: none. Written
 * independently of `src`.
 */
export function obeyedIn(text: string): string | null {
  return obeyed.exec(text)?.[0] ?? null;
}

/**
 * Returns the text without colours as `styleText` and pino-pretty write them: a few numbers, never a code that hides
 * text.
 */
export function withoutColors(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin so
  return text.replaceAll(/\u001b\[(?:[0-57]|9|2[2-57-9]|[34][0-79]|9[0-7]|10[0-7])m/g, '');
}
