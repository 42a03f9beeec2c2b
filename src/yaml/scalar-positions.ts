import { type BlockScalarToken, placeBlockScalar } from './block-scalar.ts';
import { createPlacedText, type PlacedText, type PlacedTextBuilder, splitLines } from './placed-text.ts';

/**
 * Finds the place in the file of each character of a YAML scalar's value.
 *
 * The parser gives a scalar's value and the place where it begins. A problem inside the value (a wrong word in a
 * condition) has an offset in the value, which differs from the one in the file if there are quotes, escapes, folded
 * lines or an indented block. Therefore the decoding of YAML 1.2.2 (https://yaml.org/spec/1.2.2/#73-flow-scalar-styles
 * and #81-block-scalar-styles), as the `yaml` package does it, is repeated here with the place of each character.
 */

/** The used part of the parser's token (a `FlowScalar` or `BlockScalar` of its concrete syntax tree). */
export type ScalarToken =
  | {
      readonly type: 'scalar' | 'single-quoted-scalar' | 'double-quoted-scalar';
      readonly offset: number;
      readonly source: string;
    }
  | BlockScalarToken;

/** Decodes the token. If the source is not well-formed, the text may differ from the parser's: compare before use. */
export function placeScalar(token: ScalarToken): PlacedText {
  switch (token.type) {
    case 'scalar':
      return foldLines(token.source, token.offset);
    case 'single-quoted-scalar':
      return joinDoubledQuotes(foldLines(token.source.slice(1, -1), token.offset + 1));
    case 'double-quoted-scalar':
      return placeDoubleQuoted(token.source, token.offset);
    case 'block-scalar':
      return placeBlockScalar(token);
    default:
      return token satisfies never;
  }
}

/**
 * Folds plain and single-quoted text: a line break becomes a space, each further one a line break; white space around
 * breaks is removed.
 */
function foldLines(source: string, offset: number): PlacedText {
  const lines = splitLines(source, offset);
  const builder = createPlacedText();
  let pendingBreaks = 0;
  let breakOffset = offset;
  for (const [index, line] of lines.entries()) {
    const isFirst = index === 0;
    const isLast = index === lines.length - 1;
    const start = isFirst ? 0 : line.text.length - line.text.replace(/^[ \t]+/, '').length;
    const text = isLast ? line.text.slice(start) : trimEnd(line.text.slice(start));
    if (!isFirst && (text !== '' || isLast)) {
      builder.stand(pendingBreaks === 1 ? ' ' : '\n'.repeat(pendingBreaks - 1), breakOffset);
      pendingBreaks = 0;
    }
    builder.copy(text, line.offset + start);
    if (pendingBreaks === 0) breakOffset = line.offset + start + text.length;
    pendingBreaks++;
  }
  return builder.end(offset + source.length);
}

/** Not `/[ \t]+$/`, which takes quadratic time on a long run of spaces inside the line. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--;
  return text.slice(0, end);
}

function joinDoubledQuotes({ text, offsets }: PlacedText): PlacedText {
  const kept: number[] = [];
  let joined = '';
  for (let i = 0; i < text.length; i++) {
    joined += text[i];
    kept.push(offsets[i]!);
    if (text[i] === "'" && text[i + 1] === "'") i++;
  }
  return { text: joined, offsets: [...kept, offsets[text.length]!] };
}

const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  '\t': '\t',
};
const hexLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

const whiteSpace = /(?:[ \t]*\r?\n[ \t\r]*(?:\n[ \t\r]*)*)|[ \t]+/y;
const brokenLine = /\\\r?\n[ \t]*/y;

/** Decodes double-quoted text. `source` includes both quotes. */
function placeDoubleQuoted(source: string, offset: number): PlacedText {
  const builder = createPlacedText();
  const end = source.length - 1;
  let at = 1;
  while (at < end) {
    whiteSpace.lastIndex = at;
    const white = whiteSpace.exec(source)?.[0];
    if (white !== undefined) {
      const breaks = white.split('\n').length - 1;
      if (breaks === 0) builder.copy(white, offset + at);
      else builder.stand(breaks === 1 ? ' ' : '\n'.repeat(breaks - 1), offset + at);
      at += white.length;
    } else if (source[at] === '\\') {
      at += unescapeOne(source, at, offset, builder);
    } else {
      builder.copy(source[at]!, offset + at);
      at++;
    }
  }
  return builder.end(offset + end);
}

/** Decodes the escape at `at`; returns its length in the source. */
function unescapeOne(source: string, at: number, offset: number, builder: PlacedTextBuilder): number {
  const letter = source[at + 1] ?? '';
  const hexLength = hexLengths[letter];
  if (hexLength !== undefined) {
    const code = Number.parseInt(source.slice(at + 2, at + 2 + hexLength), 16);
    if (code <= 0x10ffff) builder.stand(String.fromCodePoint(code), offset + at);
    return 2 + hexLength;
  }
  brokenLine.lastIndex = at;
  const joined = brokenLine.exec(source)?.[0];
  if (joined !== undefined) return joined.length;
  builder.stand(escapes[letter] ?? `\\${letter}`, offset + at);
  return 2;
}
