import { type Complaint, joined, quoted, type Reading } from './reading.ts';
import type { Tokens } from './tokens.ts';

/**
 * Compares for templates whose helpers cut, pick lines, or format numbers and hosts: the formatting and the template's
 * own words must be the same and in the same order; in place of a harmless word there must be pieces of its text, in
 * their order.
 */
export function looseDifferences(hostile: Reading, harmless: Reading, tokens: Tokens): Complaint[] {
  // Links depend on the event's addresses, and their targets are checked elsewhere.
  const withoutLinks = ({ runs }: Reading) =>
    joined(
      runs.map((run) => ({
        ...run,
        text: withoutLent(run.text),
        path: run.path.filter((part) => !part.startsWith('link ')),
      })),
    ).map((run) => ({ ...run, text: withoutDomains(run.text) }));
  const [actual, expected] = [withoutLinks(hostile), withoutLinks(harmless)];
  const looks = (runs: typeof actual) => runs.map(({ look }) => `[${look}]`).join(' ');
  if (looks(actual) !== looks(expected)) {
    return [{ kind: 'look', detail: `is ${looks(actual)}, should be ${looks(expected)}` }];
  }
  const isAsMeant = (text: string, pattern: string) =>
    matches(text, pattern, tokens) || matchesCutList(text, pattern, tokens);
  const wrong = actual.findIndex(({ text }, index) => !isAsMeant(text, expected[index]!.text));
  return wrong < 0
    ? []
    : [
        {
          kind: 'text',
          detail: `${quoted(actual[wrong]!.text)} is no ${quoted(tokens.skipSubject(expected[wrong]!.text))}`,
        },
      ];
}

/** The hosts in a body are listed as letters of ASCII; a harmless word has none. */
const withoutDomains = (text: string) => text.replace(/(?:^|\n)domains: [a-z\d.,… -]*(?=$|\n)/g, '');

/** A mark at the beginning of a text gets an added base; at the beginning of a list's item it may have another. */
const withoutLent = (text: string) => text.replace(/◌(?=\p{M})/gu, '');

/** Number of ends of a piece that are tried. All of them would take quadratic time. */
const mostTries = 200;

function matches(text: string, pattern: string, tokens: Tokens): boolean {
  const parts = listsAsOne(tokens.split(pattern));
  let tries = 0;
  function from(at: number, index: number): boolean {
    const part = parts[index];
    if (part === undefined) return at === text.length;
    if ('literal' in part) return text.startsWith(part.literal, at) && from(at + part.literal.length, index + 1);
    const next = parts[index + 1];
    const literal = next !== undefined && 'literal' in next ? next.literal : '';
    if (index + 2 >= parts.length) {
      return text.endsWith(literal) && isPart(text.slice(at, text.length - literal.length), part.value);
    }
    for (let end = text.indexOf(literal, at); end >= 0; end = text.indexOf(literal, end + 1)) {
      if (++tries > mostTries) return false;
      if (isPart(text.slice(at, end), part.value) && from(end, index + 1)) return true;
    }
    return false;
  }
  return from(0, 0);
}

/**
 * Checks a list or an object that was cut as a whole: between the template's first and last words there are pieces of
 * its content.
 */
function matchesCutList(text: string, pattern: string, tokens: Tokens): boolean {
  const parts = tokens.split(pattern);
  const [first = '', last = ''] = [parts[0], parts.at(-1)].map((part) =>
    part !== undefined && 'literal' in part ? part.literal : '',
  );
  const isFramed = text.startsWith(/^.* /s.exec(first)?.[0] ?? '') && text.endsWith(/ \S*$/.exec(last)?.[0] ?? '');
  return isFramed && isPart(text, tokens.skipSubject(pattern));
}

type Part = ReturnType<Tokens['split']>[number];

/** Joins lists by a comma before helpers cut them: their words, and the text between, as one. */
function listsAsOne(parts: readonly Part[]): readonly Part[] {
  const out: Part[] = [];
  for (const part of parts) {
    const [last, comma] = [out.at(-2), out.at(-1)];
    const isNext = 'word' in part && last !== undefined && 'word' in last;
    if (isNext && comma !== undefined && 'literal' in comma && comma.literal === ', ') {
      out.splice(-2, 2, { word: last.word, value: `${last.value}, ${part.value}` });
    } else out.push(part);
  }
  return out;
}

/** Returns true if a text consists of pieces of the value in their order, with "…" and line breaks between. */
function isPart(text: string, shown: string): boolean {
  const value = withoutLent(shown);
  // A parser of addresses removes tabs and controls.
  const address = value.replace(/⟦U\+00[01].⟧|[\n␤]/g, '');
  const host = URL.parse(address.startsWith('//') ? `https:${address}` : address)?.hostname.replace(/^www\./, '') ?? '';
  return [value, `${host} (${value})`, host].some((whole) => {
    let at = 0;
    return text.split(/[…␤\n]/).every((piece) => {
      const found = whole.indexOf(piece.trim(), at);
      at = found + piece.trim().length;
      return found >= 0;
    });
  });
}
