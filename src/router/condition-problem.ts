import { ParseError } from '@marcbachmann/cel-js';
import { quoted, type TextProblem } from '../catalogue/event-spec.ts';

/** A stretch of a condition, UTF-16 units. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Returns the problem of a part of a condition. */
export function problemAt({ start, end }: Range, wrong: string, right: string): TextProblem {
  return { offset: start, length: end - start, wrong, right };
}

/** Operators of other languages, and their form in CEL. */
const otherLanguages: Readonly<Record<string, string>> = {
  '=': '==',
  and: '&&',
  or: '||',
  not: '!',
  '&': '&&',
  '|': '||',
};

const tokens: Readonly<Record<string, string>> = {
  EOF: 'the end',
  IDENTIFIER: 'a name',
  NUMBER: 'a number',
  STRING: 'a text',
  LPAREN: '"("',
  RPAREN: '")"',
  LBRACKET: '"["',
  RBRACKET: '"]"',
  LBRACE: '"{"',
  RBRACE: '"}"',
  DOT: '"."',
  COMMA: '","',
  COLON: '":"',
};

/**
 * Rewrites a message of cel-js for readers who do not know protocol buffers or its lexer, without the value of the row
 * that some messages repeat.
 */
export const plainWords = (summary: string) =>
  summary
    .replace(/(invalid string value|Invalid duration string).*$/s, '$1')
    .replace(/\$(event|object|subject)\b/g, '$1')
    .replace(/\bdyn<([^<>]*)>/g, '$1')
    .replaceAll('google.protobuf.Timestamp', 'timestamp')
    .replaceAll('google.protobuf.Duration', 'duration')
    .replace(/^no such overload: (.*)$/, '$1 is not possible')
    .replace(/^No such key: (?=index )/, '')
    .replace(
      /\b(Expected|got|token:) ([A-Z]+)\b/g,
      (_, word: string, token: string) => `${word} ${tokens[token] ?? token}`,
    )
    .replace(/^./, (letter) => letter.toLowerCase());

/**
 * Returns the correction for an error code of cel-js; it completes the sentence that `file:line:column: wrong: `
 * begins.
 */
function advice(code: string, summary: string): string {
  switch (code) {
    case 'no_such_overload':
      if (/\bbool\b.*\bnull\b|\bnull\b.*\bbool\b/.test(summary)) {
        return 'a boolean that is null counts as false: write !object.x';
      }
      if (/\$(?:event|object|subject)\b/.test(summary)) return 'name one of its fields, as in event.type';
      if (summary.includes('Timestamp') && summary.includes('string')) return 'write timestamp("2025-07-06T15:09:00Z")';
      if (summary.endsWith(' in string')) return 'write object.title.contains("…")';
      if (/\bnull\b/.test(summary)) return 'only == and != can compare with null';
      return 'compare values of one type; int(x), double(x) and string(x) convert';
    case 'no_matching_overload':
      if (summary.includes("'list.contains")) return 'write "…" in object.tags';
      return 'the arguments must have the types that the function takes';
    case 'invalid_logical_operand':
    case 'invalid_condition_type':
      return 'both sides must be true or false: compare the value, as in object.title != ""';
    case 'unterminated_string':
    case 'unterminated_triple_quoted_string':
      return 'close the text with the quote that opened it';
    case 'invalid_escape_sequence':
      return 'double the backslash, or write the text as r"…"';
    case 'limit_exceeded':
      return 'simplify it, or split it into several subscriptions';
    default:
      return 'for example object.user_reputation < 50 && !object.is_fp';
  }
}

/** Converts an error of cel-js in reading or type-checking `source` to a problem with its place. */
export function celProblem(error: unknown, source: string): TextProblem {
  // The other errors share this shape, and their classes have the same names as the language's own.
  const { code, summary, range } = (error ?? {}) as Partial<Pick<ParseError, 'code' | 'summary' | 'range'>>;
  const offset = Math.min(range?.start ?? 0, source.length);
  const length = Math.max(0, Math.min(range?.end ?? source.length, source.length) - offset);
  if (code === undefined || summary === undefined) {
    // The parser's stack overflowed, for instance on 4,000 times "!".
    return { offset: 0, length: source.length, wrong: 'it cannot be read', right: 'simplify it' };
  }
  const place = source.slice(offset);
  const word = /^(?:\w+|[^\w\s])/.exec(place)?.[0] ?? '';
  const not = /\bnot(?=\s+$)/.exec(source.slice(0, offset));
  if (error instanceof ParseError && not)
    return { offset: not.index, length: 3, wrong: '"not" is not CEL', right: 'write !' };
  if (error instanceof ParseError && Object.hasOwn(otherLanguages, word)) {
    return { offset, length: word.length, wrong: `${quoted(word)} is not CEL`, right: `write ${otherLanguages[word]}` };
  }
  if (code === 'unexpected_character') {
    const wrong = `unexpected ${quoted(word)}`;
    return { offset, length: word.length, wrong, right: 'operators are && || ! == != < <= > >= in + - * / %' };
  }
  return { offset, length, wrong: plainWords(summary), right: advice(code, summary) };
}
