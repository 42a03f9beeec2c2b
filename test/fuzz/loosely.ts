import { type Complaint, joined, quoted, type Reading } from './reading.ts';
import type { Tokens } from './tokens.ts';

/**
 * For templates whose helpers cut, pick lines, or write numbers and hosts their own way: the looks and the template's own words must be
 * the same and in the same order; where a harmless word stands, there stand pieces of what it stands for, in their order.
 */
export function looseDifferences(hostile: Reading, harmless: Reading, tokens: Tokens): Complaint[] {
  // Whether something is a link depends on the event's addresses, and where it leads is looked at elsewhere.
  const withoutLinks = ({ runs }: Reading) =>
    joined(
      runs.map((run) => ({
        ...run,
        text: withoutLent(run.text),
        path: run.path.filter((part) => !part.startsWith('link ')),
      })),
    );
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

/** A mark at the beginning of a text is lent a base; at the beginning of a list's item it may have another. */
const withoutLent = (text: string) => text.replace(/◌(?=\p{M})/gu, '');

/** To try every end of every piece takes quadratic time: so many are tried. */
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

/** A list or an object, cut as a whole: between the template's first and last words stand pieces of all that it holds. */
function matchesCutList(text: string, pattern: string, tokens: Tokens): boolean {
  const parts = tokens.split(pattern);
  const [first = '', last = ''] = [parts[0], parts.at(-1)].map((part) =>
    part !== undefined && 'literal' in part ? part.literal : '',
  );
  const isFramed = text.startsWith(/^.* /s.exec(first)?.[0] ?? '') && text.endsWith(/ \S*$/.exec(last)?.[0] ?? '');
  return isFramed && isPart(text, tokens.skipSubject(pattern));
}

type Part = ReturnType<Tokens['split']>[number];

/** Lists are joined by a comma before helpers cut them: the words of one, and what stands between, as one. */
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

/** Whether a text is made of pieces of the value in their order, with "…" and line breaks between. */
function isPart(text: string, shown: string): boolean {
  const value = withoutLent(shown);
  // A parser of addresses takes tabs and controls away.
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
