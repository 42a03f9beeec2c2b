import { type Complaint, joined, quoted, type Reading, textOf } from './reading.ts';
import type { Tokens } from './tokens.ts';

/** Normalizes a text before the comparison: a platform may break lines and move blanks. */
export type Normalize = (text: string) => string;

/**
 * Returns the differences between the reading of hostile texts and that of harmless words in their place, except for
 * the texts themselves: each must be in the place of its word, letter for letter, with the same formatting. Additional
 * code is not a difference (a text may be in code so that it has no effect), but text that a template puts into code
 * must be in code.
 */
export function differences(
  hostile: Reading,
  harmless: Reading,
  tokens: Tokens,
  normalize: Normalize,
  looks: ReadonlyMap<string, ReadonlySet<string>> = new Map(),
): Complaint[] {
  if (isIncomparable(harmless)) return [];
  const actual = joined(hostile.runs.map((run) => ({ ...run, text: normalize(run.text) })));
  const expected = joined(harmless.runs.map((run) => ({ ...run, text: normalize(tokens.skipSubject(run.text)) })));
  for (let i = 0; i < Math.max(actual.length, expected.length); i++) {
    const [is, should] = [actual[i], expected[i]];
    if (is?.text === should?.text && is?.look === should?.look) continue;
    if (isCut(hostile, harmless, tokens, normalize)) return cutDifferences(actual, expected);
    const kind = is?.text === should?.text ? 'look' : 'text';
    return [{ kind, detail: `is ${describe(is)}, should be ${describe(should)}` }];
  }
  return codeDifferences(hostile, harmless, tokens, normalize, looks);
}

function describe(run: { readonly text: string; readonly look: string } | undefined): string {
  return run === undefined ? 'nothing' : `${quoted(run.text)} in [${run.look}]`;
}

const ellipses = (text: string) => text.split('…').length - 1;

/** Length below which an adapter never cuts, UTF-16 units. */
const shortestCut = 150;

/**
 * Returns true if something was left out for its length: there is a "…" more than in the texts, or in place of one that
 * was cut off.
 */
export function isCut(hostile: Reading, harmless: Reading, tokens: Tokens, normalize: Normalize): boolean {
  const [is, should] = [normalize(textOf(hostile)), normalize(tokens.skipSubject(textOf(harmless)))];
  if (should.length < shortestCut || !is.includes('…')) return false;
  return is.length < should.length || ellipses(is) > ellipses(should);
}

/** Returns true if harmless words were cut themselves: then the expected content is unknown. */
export function isIncomparable(harmless: Reading): boolean {
  return textOf(harmless).includes('…');
}

type Look = ReturnType<typeof joined>;

/** A link to metasmoke at the end, where one would have been cut off. */
const ownLink = /https:\/\/metasmoke\.erwaysoftware\.com\/[\w/]+$/;

/** Compares a message that was cut: between the "…" the rest is in its order, with expected formatting. */
function cutDifferences(actual: Look, expected: Look): Complaint[] {
  const looks = new Set(expected.map(({ look }) => look));
  const isOwn = ({ text, look }: Look[number]) => text !== '' && ownLink.test(text) && look.endsWith(`link ${text}`);
  const strange = actual.find((run) => !looks.has(run.look) && !isOwn(run) && /[^\s…]/.test(run.text));
  if (strange !== undefined) return [{ kind: 'look', detail: `cut, but ${describe(strange)}` }];

  const whole = expected.map(({ text }) => text).join('');
  const shown = actual.map(({ text }) => text).join('');
  let at = 0;
  for (const part of shown.replace(ownLink, '').split(/…|(?<=\))/)) {
    const found = whole.indexOf(part.trim(), at);
    if (found < 0) return [{ kind: 'text', detail: `cut, but ${quoted(part)} is not a part of it` }];
    at = found + part.trim().length;
  }
  return [];
}

/** If a template asks for code, each character must be in code. */
function codeDifferences(
  hostile: Reading,
  harmless: Reading,
  tokens: Tokens,
  normalize: Normalize,
  looks: ReadonlyMap<string, ReadonlySet<string>>,
): Complaint[] {
  const is = hostile.runs.map(({ text, isCode }) => (isCode ? 'c' : '.').repeat(normalize(text).length)).join('');
  const should = harmless.runs
    .flatMap(({ text }) => tokens.split(text))
    .map((part) => {
      if ('literal' in part) return '.'.repeat(normalize(part.literal).length);
      return (looks.get(part.word)?.has('code') === true ? 'c' : '.').repeat(normalize(part.value).length);
    })
    .join('');
  const at = [...should].findIndex((mark, index) => mark === 'c' && is[index] !== 'c');
  return at < 0 ? [] : [{ kind: 'code', detail: `what should be code is none at ${at}: ${quoted(textOf(hostile))}` }];
}
