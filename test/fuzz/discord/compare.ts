import { isCut, isIncomparable } from '../compare.ts';
import { type Complaint, quoted, type Reading } from '../reading.ts';
import type { Tokens } from '../tokens.ts';

/** A character and its formatting. */
interface Shown {
  readonly text: string;
  /** Its place: a part of the message, quote, list, heading. */
  readonly place: string;
  readonly formats: ReadonlySet<string>;
  readonly link: string;
}
/**
 * An expected character. It may have less formatting than this, but a spoiler must hide it if the template asks for
 * one; in a footer, which has no Markdown, nothing can.
 */
interface Expected extends Shown {
  readonly isHidden: boolean;
}

const formatNames = new Set(['strong', 'em', 'underline', 'del', 'spoiler']);

function lookOf(path: readonly string[]): Omit<Shown, 'text'> {
  return {
    place: path.filter((part) => !formatNames.has(part) && !part.startsWith('link ')).join(' > '),
    formats: new Set(path.filter((part) => formatNames.has(part))),
    link: path.find((part) => part.startsWith('link ')) ?? '',
  };
}

const withoutBlanks = (text: string) => text.replace(/\s/gu, '');

/**
 * In UTF-16 units, because the parsers split pairs. White space is left out: Discord removes it at the ends, and
 * formatting must not begin or end with it.
 */
const charactersOf = (text: string) => withoutBlanks(text).split('');

function readShown({ runs }: Reading): Shown[] {
  return runs.flatMap(({ text, path }) => {
    const look = lookOf(path);
    return charactersOf(text).map((character) => ({ text: character, ...look }));
  });
}

function readExpected({ runs }: Reading, tokens: Tokens, looks: ReadonlyMap<string, ReadonlySet<string>>): Expected[] {
  return runs.flatMap(({ text, path }) => {
    const look = lookOf(path);
    return tokens.split(text).flatMap((part) => {
      const own = 'word' in part ? (looks.get(part.word) ?? new Set()) : new Set<string>();
      const all = {
        ...look,
        formats: new Set([...look.formats, ...own]),
        isHidden: own.has('spoiler') && look.place !== 'footer',
      };
      return charactersOf('word' in part ? part.value : part.literal).map((character) => ({ text: character, ...all }));
    });
  });
}

/**
 * Returns the same as `differences`, for Discord, whose Markdown cannot express everything: formatting may be missing
 * if it is impossible (`**a***b*`), but must never appear without the template; a label that is impossible (`]`, an
 * address) is before ` ([link](…))`; code that no backticks can contain is text. Every character must be there, in its
 * place.
 */
export function discordDifferences(
  hostile: Reading,
  harmless: Reading,
  tokens: Tokens,
  looks: ReadonlyMap<string, ReadonlySet<string>>,
): Complaint[] {
  if (isIncomparable(harmless)) return [];
  const actual = readShown(hostile);
  const expected = readExpected(harmless, tokens, looks);
  const complain = (kind: string, i: number, j: number): Complaint[] => {
    const around = (all: readonly Shown[], at: number) =>
      quoted(
        all
          .slice(Math.max(0, at - 20), at + 20)
          .map(({ text }) => text)
          .join(''),
      );
    const tell = (one: Shown | undefined) =>
      one === undefined ? 'the end' : `${quoted(one.text)} in [${[one.place, ...one.formats, one.link].join(' ')}]`;
    return [
      {
        kind,
        detail: `is ${tell(actual[i])} (${around(actual, i)}), should be ${tell(expected[j])} (${around(expected, j)})`,
      },
    ];
  };

  let i = 0;
  for (let j = 0; j <= expected.length; j++) {
    const before = expected[j - 1];
    if (before !== undefined && before.link !== '' && isLinkApart(actual.slice(i, i + 6), before.link)) i += 6;
    const [is, should] = [actual[i], expected[j]];
    if (is === undefined && should === undefined) return [];
    if (is?.text !== should?.text || is === undefined || should === undefined) {
      return isCut(hostile, harmless, tokens, withoutBlanks)
        ? cutDifferences(actual, expected)
        : complain('text', i, j);
    }
    if (is.place !== should.place) return complain('place', i, j);
    if (is.link !== '' && is.link !== should.link) return complain('link', i, j);
    if (!isWithin(is.formats, should.formats)) return complain('look', i, j);
    if (should.isHidden && !is.formats.has('spoiler')) return complain('spoiler', i, j);
    i++;
  }
  return i === actual.length ? [] : complain('text', i, expected.length);
}

const isWithin = (some: ReadonlySet<string>, all: ReadonlySet<string>) => [...some].every((each) => all.has(each));

/** Returns true for ` ([link](address))`. No text of an event can look like that, because it makes no link. */
function isLinkApart(shown: readonly Shown[], address: string): boolean {
  const isIn = shown.map(({ link }) => (link === address ? 'l' : '.')).join('') === '.llll.';
  return isIn && shown.map(({ text }) => text).join('') === '(link)';
}

/** Compares a message that was cut: between the "…" the text is in its order, and nothing has unexpected formatting. */
function cutDifferences(actual: readonly Shown[], expected: readonly Expected[]): Complaint[] {
  const links = new Set(expected.map(({ link }) => link));
  const formats = new Set(expected.flatMap((one) => [...one.formats]));
  const strange = actual.find((one) => !links.has(one.link) || !isWithin(one.formats, formats));
  if (strange !== undefined) {
    return [
      { kind: 'look', detail: `cut, but ${quoted(strange.text)} in [${[...strange.formats, strange.link].join(' ')}]` },
    ];
  }
  const text = (all: readonly Shown[]) => all.map((one) => one.text).join('');
  const whole = text(expected);
  let at = 0;
  for (const part of text(actual).replaceAll('(link)', '…').split('…')) {
    const found = whole.indexOf(part, at);
    if (found < 0 && part !== 'metasmoke' && !links.has(`link ${part}`))
      return [{ kind: 'text', detail: `cut, but ${quoted(part)} is not a part of it` }];
    if (found >= 0) at = found + part.length;
  }
  return [];
}
