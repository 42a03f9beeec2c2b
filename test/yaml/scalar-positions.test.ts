import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMap, isScalar, parseDocument } from 'yaml';
import { placeScalar, type ScalarToken } from '../../src/yaml/scalar-positions.ts';

/** Returns the value at key `where` as the parser reads it, and as we place it. */
function read(source: string) {
  const document = parseDocument(source, { keepSourceTokens: true, prettyErrors: false });
  const node = isMap(document.contents) ? document.contents.get('where', true) : null;
  if (!isScalar(node)) throw new Error(`no scalar in ${JSON.stringify(source)}`);
  expect([...document.errors, ...document.warnings], JSON.stringify(source)).toEqual([]);
  return { value: node.source ?? '', placed: placeScalar(node.srcToken as ScalarToken) };
}

const seed = Date.now() % 1_000_000_007;
const settings = { numRuns: 400, seed };

/** Words of an expression, joined by one space, so that each style can break a line between any two. */
const words = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'object.title',
        '==',
        '&&',
        '!object.is_fp',
        "'it''s'",
        '"a\\b"',
        '<',
        '50',
        '(',
        ')',
        '😀',
        '"é"',
      ),
      fc.stringMatching(/^[a-z][a-z0-9_"'\\é.!&|]{0,8}$/),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((list) => ['x', ...list]);

/** Line breaks between words (true: a break), and their form. */
const breaks = fc.array(fc.constantFrom(' ', '\n', '  \n', '\t\n'), { minLength: 8, maxLength: 8 });
const lineBreak = fc.constantFrom('\n', '\r\n');
const before = fc.constantFrom('', '# é 😀\n', 'a: "x"\n\n');

/** Expects each word in the file at the place that the map gives for its first character, with the same rest of line. */
function expectPlaces(source: string, list: readonly string[], encode: (word: string) => string) {
  const { value, placed } = read(source);
  expect(placed.text, JSON.stringify(source)).toBe(value);
  expect(placed.offsets).toHaveLength(value.length + 1);
  let at = 0;
  for (const word of list) {
    at = value.indexOf(word, at);
    expect(at, `${word} in ${value}`).toBeGreaterThanOrEqual(0);
    for (let i = 0; i < word.length; i++) {
      const rest = encode(word.slice(i));
      const offset = placed.offsets[at + i]!;
      // The second half of a pair is at the beginning of its escape, or just after the first half.
      if (/^[\udc00-\udfff]/.test(word.slice(i))) continue;
      expect(source.slice(offset, offset + rest.length), `${JSON.stringify(word.slice(i))} in ${source}`).toBe(rest);
    }
    at += word.length;
  }
}

const join = (list: readonly string[], gaps: readonly string[], newline: string, indent: string) =>
  list
    .map((word, i) => (i === 0 ? word : `${gaps[i % gaps.length]!.replace('\n', `${newline}${indent}`)}${word}`))
    .join('');

describe(`the place of each character of a scalar (seed ${seed})`, () => {
  it('is found in plain scalars, even over several lines', () => {
    const plain = words.filter((list) => list.every((word) => !/^[!&|"'#]|[\\:]$/.test(word)));
    fc.assert(
      fc.property(plain, breaks, lineBreak, before, (list, gaps, newline, head) => {
        expectPlaces(`${head}where: ${join(list, gaps, newline, '  ')}${newline}b: 1`, list, (word) => word);
      }),
      settings,
    );
  });

  it('is found in single-quoted scalars', () => {
    fc.assert(
      fc.property(words, breaks, lineBreak, before, (list, gaps, newline, head) => {
        const encode = (word: string) => word.replaceAll("'", "''");
        const text = join(list.map(encode), gaps, newline, '   ');
        expectPlaces(`${head}where: '${text}'${newline}b: 1`, list, encode);
      }),
      settings,
    );
  });

  it('is found in double-quoted scalars with escapes and broken lines', () => {
    fc.assert(
      fc.property(words, breaks, lineBreak, before, fc.boolean(), (list, gaps, newline, head, escapeAll) => {
        const encode = (word: string) =>
          [...word]
            .map((char) =>
              char === '"' || char === '\\'
                ? `\\${char}`
                : escapeAll && char > '\u007f'
                  ? `\\U${char.codePointAt(0)!.toString(16).padStart(8, '0')}`
                  : char,
            )
            .join('');
        const text = join(list.map(encode), [...gaps, `\\\n`], newline, ' ');
        expectPlaces(`${head}where: "${text}"${newline}b: 1`, list, encode);
      }),
      settings,
    );
  });

  it('is found in literal and folded blocks, with any header, indentation and end', () => {
    const header = fc.tuple(
      fc.constantFrom('|', '>'),
      fc.constantFrom('', '-', '+', '2', '2-', '+2'),
      fc.constantFrom('', ' # why'),
    );
    const gap = fc.array(fc.constantFrom(' ', '\n', '\n\n', '\n   ', '\n\n\n \t', '\n\t'), {
      minLength: 8,
      maxLength: 8,
    });
    const tail = fc.constantFrom('', '\n', '\n\n', '\n   \n', '\n\n  \n');
    fc.assert(
      fc.property(
        words,
        gap,
        header,
        tail,
        lineBreak,
        before,
        fc.boolean(),
        (list, gaps, head, end, newline, lead, blank) => {
          const body = list
            .map((word, i) => (i === 0 ? word : `${gaps[i % gaps.length]!.replace(/\n(?!\n)/, '\n  ')}${word}`))
            .join('');
          const source = `${lead}where: ${head.join('')}\n${blank ? '\n' : ''}  ${body}${end}`.replaceAll(
            '\n',
            newline,
          );
          expectPlaces(`${source}${end === '' ? '' : 'b: 1'}`, list, (word) => word);
        },
      ),
      settings,
    );
  });

  it.each([
    ['empty block', 'where: |\n'],
    ['empty block that keeps its end', 'where: |+\n\n\nb: 1'],
    ['block at the end of the file', 'where: >-\n  a\n  b'],
    ['kept end at the end of the file', 'where: |+\n  a'],
    ['blank first lines', 'where: |\n \n\n  a\n'],
    ['more indented lines in a fold', 'where: >\n  a\n    b\n\n    c\n  d\n\n  e\n'],
    ['spaces beyond the indentation at the end', 'where: |\n  a\n     \n'],
    ['empty quotes', 'where: ""'],
    [
      'escapes of every kind',
      'where: "\\0\\a\\b\\t\\n\\v\\f\\r\\e\\ \\"\\/\\\\\\N\\_\\L\\P\\x41\\u0041\\U0001F600\\\t"',
    ],
    ['an escaped line break', 'where: "a\\\n   b \\\r\n  c"'],
    ['blank lines in quotes', 'where: "a  \n\n \t\n  b "'],
    ['quotes that begin with a line break', "where: '\n  a'"],
    ['quotes that end with a line break', "where: 'a\n  '"],
    ['blank lines in a plain scalar', 'where: a\n\n\n  b\n  c'],
  ])('decodes as the parser does: %s', (_, source) => {
    const { value, placed } = read(source);
    expect(placed.text).toBe(value);
    expect(placed.offsets).toHaveLength(value.length + 1);
  });
});
