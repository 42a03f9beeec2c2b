import type { SyntaxFault } from './engine.ts';
import { blockHelpers } from './helpers/all.ts';

/** A fault in a text and its correction; `offset` in UTF-16 units. */
export interface TextFault {
  readonly offset: number;
  readonly wrong: string;
  readonly right: string;
}

const unread = /^(?:Parse|Lexical) error/;
const doesNotMatch = /^(\S+) doesn't match (\S+)/;
const badPath = /^Invalid path: (\S+)/;

/** Translates an error of Handlebars' parser, which speaks in tokens, to a fault. */
export function explainFault(text: string, { offset, message }: SyntaxFault): TextFault {
  const [, opened, closed] = doesNotMatch.exec(message) ?? [];
  if (opened !== undefined) {
    const wrong = `{{#${opened}}} is closed by {{/${closed}}}`;
    // The one that is not the name of a block is the misspelt one.
    const isOpenedWrong = closed !== undefined && blockHelpers.has(closed) && !blockHelpers.has(opened);
    return { offset, wrong, right: isOpenedWrong ? `{{#${closed}}}` : `{{/${opened}}}` };
  }
  const path = badPath.exec(message)?.[1];
  if (path !== undefined) return { offset, wrong: `"${path}" is not a valid path`, right: 'object.title, or ../title' };
  if (!unread.test(message)) return { offset, wrong: message, right: 'see https://handlebarsjs.com/guide' };

  const expected = new Set(/Expecting (.*), got/.exec(message)?.[1]?.replaceAll("'", '').split(', '));
  if (/got 'EOF'$/.test(message) && expected.has('OPEN_ENDBLOCK')) {
    const block = lastOpenBlock(text);
    if (block !== null) {
      return {
        offset: block.offset,
        wrong: `{{#${block.name}}} is never closed`,
        right: `{{/${block.name}}} at its end`,
      };
    }
  }
  if (/got 'OPEN_ENDBLOCK'$/.test(message)) {
    return { offset, wrong: `${piece(text, offset)} closes nothing`, right: 'an opening {{#…}} before it' };
  }
  if (/got 'INVERSE/.test(message)) {
    return {
      offset,
      wrong: 'this {{else}} belongs to no block, or is the second of its block',
      right: 'one {{else}} inside {{#if …}}',
    };
  }
  const unclosed = text.lastIndexOf('{{', offset);
  if (message.startsWith('Lexical') || (unclosed !== -1 && !text.includes('}}', unclosed))) {
    return {
      offset: Math.max(0, unclosed),
      wrong: `${piece(text, Math.max(0, unclosed))} is never closed`,
      right: '}} at its end',
    };
  }
  return { offset, wrong: `${piece(text, offset)} cannot stand here`, right: wanted(expected) };
}

function wanted(expected: ReadonlySet<string>): string {
  const names = expected.has('ID') ? ['a name', 'a value'] : [];
  if (expected.has('CLOSE_UNESCAPED')) names.push(expected.has('CLOSE') ? '}}' : '}}}');
  else if (expected.has('CLOSE')) names.push('}}');
  if (expected.has('CLOSE_SEXPR')) names.push(')');
  if (expected.has('CLOSE_BLOCK_PARAMS')) names.push('|');
  return names.length === 0 ? 'text, {{…}}, or nothing' : names.join(' or ');
}

/** Returns the first few characters at `offset`, quoted. */
function piece(text: string, offset: number): string {
  const [found = ''] = /^(?:\{\{[^\n}]{0,20}\}{0,3}|\}+|[^\s{}]{1,20}|\S)?/.exec(text.slice(offset, offset + 40)) ?? [];
  return found === '' ? 'the end of the line' : `"${found.trimEnd()}"`;
}

const tags = /\{\{~?!--[\s\S]*?--~?\}\}|\{\{~?!|\{\{~?#[>*]?\s*([^\s}~]+)|\{\{~?\/\s*([^\s}~]+)/g;

function lastOpenBlock(text: string): { readonly name: string; readonly offset: number } | null {
  const open: { name: string; offset: number }[] = [];
  for (const { index, 1: opened, 2: closed } of text.matchAll(tags)) {
    if (opened !== undefined) open.push({ name: opened, offset: index });
    else if (closed !== undefined) open.pop();
  }
  return open.at(-1) ?? null;
}
