import type { YAMLError } from 'yaml';
import type { Remedy } from '../text/remedy.ts';
import { withPlatform } from './address.ts';
import type { Lines } from './lines.ts';
import type { PlatformRules } from './platform.ts';

/** A file of YAML, and what its values may be meant as. */
export interface YamlText {
  readonly text: string;
  readonly lines: Lines;
  readonly platforms: readonly PlatformRules[];
}

/** A parser's error, explained to the person who wrote the file. */
export interface YamlProblem {
  /** UTF-16 units from the start of the file. */
  readonly offset: number;
  readonly wrong: string;
  readonly right: string;
  /** The part of the parser's result that cannot be trusted: none, this line, or all. */
  readonly reach: 'value' | 'line' | 'file';
  /** The sign that something was opened with and that is never closed; `offset` is then where it should have been by now. */
  readonly unclosed?: string;
}

/** The parser's own errors and warnings in words that say what to do; YAML's traps each by name. */
export function explainYamlError(error: YAMLError, { text, lines, platforms }: YamlText): YamlProblem {
  const offset = error.pos[0];
  const line = lines.text(lines.position(offset).line);
  const rest = restOfLine(text, offset);
  const place: Place = { text, lines, platforms, offset, line, rest };
  switch (error.code) {
    case 'TAG_RESOLVE_FAILED':
      return { offset, reach: 'line', ...tagTrap(place) };
    case 'TAB_AS_INDENT':
      return { offset, reach: 'file', wrong: 'a tab in the indentation', right: 'YAML is indented with spaces only' };
    case 'BAD_SCALAR_START':
      return {
        offset,
        reach: 'line',
        wrong: `a value cannot begin with ${text[offset]}`,
        right: `put it in quotes${example(place)}`,
      };
    case 'BAD_DQ_ESCAPE':
      return {
        offset,
        reach: 'line',
        wrong: `${/\S*$/.exec(error.message)?.[0] ?? 'this'} is not an escape in double quotes`,
        right: 'write \\\\ for a backslash, or put the value in single quotes, where a backslash is itself',
      };
    case 'BLOCK_AS_IMPLICIT_KEY':
      return colonOrIndentation(place);
    case 'MULTILINE_IMPLICIT_KEY':
      return {
        offset,
        reach: 'file',
        wrong: 'this line is not "key: value"',
        right: /^[^\s:]+:[^\s]/.test(rest)
          ? 'write a space after the colon'
          : 'write a key, a colon and a space before the value',
      };
    case 'MULTIPLE_DOCS':
      return {
        offset,
        reach: 'line',
        wrong: 'a second document begins here',
        right: 'a configuration is one YAML document: remove the --- or what follows it',
      };
    case 'BAD_DIRECTIVE':
      return { offset, reach: 'line', wrong: 'a line that begins with % is a YAML directive', right: 'remove it' };
    case 'BAD_ALIAS':
      return {
        offset,
        reach: 'line',
        wrong: 'a value that begins with * refers to an anchor',
        right: `put it in quotes if it is meant as text${example(place)}`,
      };
    case 'MISSING_CHAR':
    case 'BAD_INDENT':
    case 'UNEXPECTED_TOKEN':
      return unclosedOrUnexpected(error, place);
    case 'RESOURCE_EXHAUSTION':
      return { offset, reach: 'file', wrong: 'this is nested too deeply', right: 'a configuration has a few levels' };
    default:
      return { offset, reach: 'file', wrong: lowerFirst(error.message), right: 'see the YAML around this place' };
  }
}

/** Where the parser met an error. */
interface Place extends YamlText {
  readonly offset: number;
  /** The line, and what follows on it from `offset` on. */
  readonly line: string;
  readonly rest: string;
}

function tagTrap(place: Place): Remedy {
  const { line, rest } = place;
  const tag = /^\S+/.exec(rest)?.[0] ?? '!';
  return {
    wrong: `a value that begins with ! is a tag in YAML, so ${isPrivate(line) ? 'its beginning' : tag} would be dropped`,
    right: `put the whole value in quotes${example(place)}`,
  };
}

function colonOrIndentation(place: Place): YamlProblem {
  const { offset, rest, text, line, platforms } = place;
  if (/:(\s|$)/.test(rest)) {
    const [, scheme = '', after = ''] = /^([a-z]+): +(\S.*)$/.exec(rest) ?? [];
    const isAddress = scheme === 'sqlite' || platforms.some(({ name }) => name === scheme);
    return {
      offset,
      reach: 'line',
      wrong: 'a value with a colon and a space in it is read as another key',
      right:
        isAddress && !isPrivate(line) ? `write "${scheme}:${after}"` : `put the whole value in quotes${example(place)}`,
    };
  }
  const nextLine = text.indexOf('\n', offset);
  return {
    offset: nextLine === -1 ? offset : nextLine + 1 + (/^\s*/.exec(text.slice(nextLine + 1))?.[0].length ?? 0),
    reach: 'file',
    wrong: 'this line is not indented like the one above, which has its value already',
    right: 'begin keys that belong together in one column; put a value of several lines in quotes',
  };
}

function unclosedOrUnexpected(error: YAMLError, place: Place): YamlProblem {
  const { text, offset, line, rest } = place;
  const { message } = error;
  if (message.startsWith('Missing closing')) {
    return {
      offset,
      reach: 'file',
      unclosed: message.includes('"') ? '"' : "'",
      wrong: 'this quote is never closed',
      right: `close it with ${message.includes('"') ? '"' : "'"}`,
    };
  }
  const swallowed = /^Flow (?:sequence|map)/.test(message) ? swallowedEnd(place) : null;
  if (swallowed) return swallowed;
  if (/^Flow sequence|end with a \]/.test(message)) {
    return { offset, reach: 'file', unclosed: '[', wrong: 'this [ is never closed', right: 'close it with ]' };
  }
  if (/^Flow map|end with a \}/.test(message)) {
    return { offset, reach: 'file', unclosed: '{', wrong: 'this { is never closed', right: 'close it with }' };
  }
  if (/["']/.test(text[offset - 1] ?? '') || /["'] +$/.test(text.slice(0, offset).slice(-80))) {
    const opening = line.search(/(?<=[\s[{,:])["']/);
    const value = opening === -1 ? '' : line.slice(opening);
    return {
      offset,
      reach: 'line',
      wrong: 'the value ends at the closing quote, and here is more',
      right: `put the whole value in quotes${example({ ...place, rest: value })}`,
    };
  }
  if (/^[>|%?\-[{]/.test(line.replace(/^\s*(?:- )?[^\s:]+:\s+/, '')) && /node end|YAML token|same line/.test(message)) {
    return {
      offset,
      reach: 'file',
      wrong: 'the value begins with a sign of YAML and is not read as text',
      right: 'put the whole value in quotes',
    };
  }
  return {
    offset,
    reach: 'file',
    wrong: rest === '' ? 'something is missing here' : 'this does not fit what stands before it',
    right: 'see the indentation, the brackets and the quotes on this line and above',
  };
}

/** `[hq, #charcoal:example.org]`: the rest of the line, with the bracket, is a comment. */
function swallowedEnd({ text, offset, lines, platforms }: Place): YamlProblem | null {
  const before = text.slice(Math.max(0, offset - 2000), offset);
  const match = before.match(/[[{][^\]}]*?[\s,](#\S[^\n]*[\]}])[^\]}]*$/);
  if (!match?.[1]) return null;
  const start = offset - before.length + (match.index ?? 0) + match[0].indexOf(match[1]);
  const word = /^#[^\s,\]}]+/.exec(match[1])?.[0] ?? '#';
  return {
    offset: start,
    reach: 'file',
    wrong: `what follows a space and # is a comment, so the bracket is never closed`,
    right: isPrivate(lines.text(lines.position(start).line))
      ? 'put it in quotes'
      : `put it in quotes: "${/^#[^:]+:./.test(word) ? withPlatform(word, platforms) : word}"`,
  };
}

/** `: "!object.is_fp"`, the value as it would be right in quotes; nothing where it may be secret or is long. */
function example({ line, rest, platforms }: Place): string {
  const value = rest.replace(/\s+#.*$/, '').trim();
  if (value === '' || value.length > 60 || isPrivate(line) || /[{}[\]]/.test(line.replace(rest, ''))) return '';
  return `: ${quoted(/^!\S+:\S/.test(value) ? withPlatform(value, platforms) : value)}`;
}

/** As a YAML value in quotes. */
export function quoted(value: string): string {
  return value.includes('"') || value.includes('\\') ? `'${value.replaceAll("'", "''")}'` : `"${value}"`;
}

/** Returns true if a line holds a value that must not be shown. */
function isPrivate(line: string): boolean {
  return /key|token|secret|password/i.test(line);
}

/** Returns the rest of the line, at most 2,000 characters. */
export function restOfLine(text: string, offset: number): string {
  return /^[^\r\n]*/.exec(text.slice(offset, offset + 2000))?.[0] ?? '';
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
