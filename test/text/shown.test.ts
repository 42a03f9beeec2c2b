import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shown, shownLine } from '../../src/text/shown.ts';
import { hostile, runs } from '../render/hostile.ts';
import { cpuNow } from '../support/cpu-time.ts';

/** Invisible characters are written as numbers here. */
const char = (...codePoints: readonly number[]) => String.fromCodePoint(...codePoints);

const zwj = char(0x200d);
const zwnj = char(0x200c);
const colour = char(0xfe0f);

describe('the shown form', () => {
  it('leaves plain text of any script unchanged', () => {
    for (const text of [
      '',
      'Hello, world!',
      'naïve Straße',
      'Привет',
      'שלום',
      'مرحبا',
      '你好',
      'こんにちは',
      '한국어',
      'ไทย',
      'a\nb',
    ]) {
      expect(shown(text)).toBe(text);
    }
  });

  it('shows half a surrogate pair as U+FFFD and leaves whole ones', () => {
    expect(shown('a\ud83db\udc00')).toBe('a\ufffdb\ufffd');
    expect(shown('\u{1f4a9}')).toBe('\u{1f4a9}');
  });

  it('shows control characters by their number', () => {
    expect(shown(char(0x1b))).toBe('⟦U+001B⟧');
    expect(shown(char(0, 7, 8, 9, 0x7f, 0x9b))).toBe('⟦U+0000⟧⟦U+0007⟧⟦U+0008⟧⟦U+0009⟧⟦U+007F⟧⟦U+009B⟧');
  });

  it('shows characters that turn the direction of text by their number', () => {
    for (const code of [
      0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069,
    ]) {
      expect(shown(`a${char(code)}b`)).toBe(`a⟦U+${code.toString(16).toUpperCase().padStart(4, '0')}⟧b`);
    }
  });

  it.each([
    ['soft hyphen', 0x00ad],
    ['grapheme joiner', 0x034f],
    ['Hangul fillers', 0x115f],
    ['Hangul fillers', 0x3164],
    ['Hangul fillers', 0xffa0],
    ['zero width space', 0x200b],
    ['word joiner', 0x2060],
    ['blank Braille', 0x2800],
    ['em quad', 0x2001],
    ['Ogham space', 0x1680],
    ['byte order mark', 0xfeff],
    ['object replacement', 0xfffc],
    ['private use', 0xe000],
    ['private use of plane 15', 0xf0041],
    ['private use of plane 16', 0x10fffd],
    ['noncharacter', 0xfdd0],
    ['language tag', 0xe0001],
    ['musical null note', 0x1d159],
  ])('shows invisible characters by their number: %s', (_, code) => {
    expect(shown(`a${char(code)}b`)).toBe(
      `a⟦U+${code.toString(16).toUpperCase()}⟧b`.replace('U+AD', 'U+00AD').replace('U+34F', 'U+034F'),
    );
  });

  it('keeps the spaces that people write with', () => {
    expect(shown(`Prix :${char(0x202f)}5${char(0xa0)}€${char(0x3000)}です`)).toBe(
      `Prix :${char(0x202f)}5${char(0xa0)}€${char(0x3000)}です`,
    );
  });

  it('keeps at most eight combining marks on a base', () => {
    const acute = char(0x0301);
    expect(shown(`a${acute.repeat(8)}b`)).toBe(`a${acute.repeat(8)}b`);
    expect(shown(`a${acute.repeat(60)}b${acute.repeat(9)}`)).toBe(`a${acute.repeat(8)}b${acute.repeat(8)}`);
  });

  it('counts marks on one base across joiners', () => {
    const four = char(0x0951).repeat(4);
    expect(shown(`क${four}${zwj}${four}${zwj}${four}${zwj}क`)).toBe(`क${four}${zwj}${four}⟦U+200D⟧${four}${zwj}क`);
  });

  it('adds a base to a mark without one, so that it is not drawn on the text before', () => {
    expect(shown(char(0x20e3))).toBe(`◌${char(0x20e3)}`);
    expect(shown(`a\n${char(0x0336)}`)).toBe(`a\n◌${char(0x0336)}`);
  });

  it('keeps joiners and selectors inside emoji', () => {
    for (const emoji of ['👨‍👩‍👧', '🏳️‍🌈', '👩🏽‍🚀', '❤️', '1️⃣', '🏃‍➡️', '👁️‍🗨️', `☎${char(0xfe0e)}`])
      expect(shown(emoji)).toBe(emoji);
  });

  it('keeps joiners inside scripts that need them', () => {
    for (const word of [`می${zwnj}خواهم`, `क्${zwj}ष`, `শ্${zwj}রী`, `ක්${zwj}ර`]) expect(shown(word)).toBe(word);
  });

  it('shows joiners that join nothing', () => {
    expect(shown(`a${zwj}b`)).toBe('a⟦U+200D⟧b');
    expect(shown(`${zwnj}می`)).toBe('⟦U+200C⟧می');
    expect(shown(`می${zwnj}${zwnj}خ`)).toBe('می⟦U+200C⟧⟦U+200C⟧خ');
    expect(shown(`👩${zwj}`)).toBe('👩⟦U+200D⟧');
    expect(shown(`👩${zwj}a`)).toBe('👩⟦U+200D⟧a');
  });

  it('keeps a variation selector that selects, and shows a second or a useless one', () => {
    expect(shown(`葛${char(0xe0100)}`)).toBe(`葛${char(0xe0100)}`);
    expect(shown(`葛${char(0xe0100, 0xe0101)}`)).toBe(`葛${char(0xe0100)}⟦U+E0101⟧`);
    expect(shown(`a${char(0xe0100)}`)).toBe('a⟦U+E0100⟧');
    expect(shown(`a${colour}1${colour}`)).toBe('a⟦U+FE0F⟧1⟦U+FE0F⟧');
    expect(shown(`👍${colour}${colour}`)).toBe(`👍${colour}⟦U+FE0F⟧`);
  });

  it('keeps tag characters in the three flags that they spell, and shows them elsewhere', () => {
    const flag = (letters: string) => char(0x1f3f4, ...[...letters].map((c) => 0xe0000 + c.charCodeAt(0)), 0xe007f);
    for (const region of ['gbeng', 'gbsct', 'gbwls']) expect(shown(`a${flag(region)}b`)).toBe(`a${flag(region)}b`);
    expect(shown(flag('ustx'))).not.toContain(char(0xe0075));
    expect(shown(char(0xe0041))).toBe('⟦U+E0041⟧');
  });

  it('makes every kind of line break the same', () => {
    expect(shown(`a\nb\r\nc\rd${char(0x2028)}e${char(0x2029)}f${char(0x85)}g`)).toBe('a\nb\nc\nd\ne\nf\ng');
    expect(shown('a\n\r\nb')).toBe('a\n\nb');
  });

  it('shows line breaks as ␤ in a place of one line', () => {
    expect(shownLine('a\r\nb\n\nc')).toBe('a␤b␤␤c');
  });
});

describe('the shown form of any text', () => {
  const pileOfMarks = /\p{M}{9}/u;
  // Written independently of the code: characters that must not remain, with the exceptions that depend on context.
  const controls =
    /[\p{Cc}--\n]|[\p{Cs}\p{Co}\p{Noncharacter_Code_Point}]|[\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\u3164\u115f\u2800]/v;

  it('contains nothing that hides, reorders or controls', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const result = shown(text);
        expect(result.isWellFormed()).toBe(true);
        expect(result).not.toMatch(controls);
        expect(result).not.toMatch(pileOfMarks);
        expect(shownLine(text)).not.toContain('\n');
      }),
      runs,
    );
  });

  it('does not change when it is processed again', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(shown(shown(text))).toBe(shown(text));
        expect(shownLine(shown(text))).toBe(shownLine(text));
      }),
      runs,
    );
  });

  it.each([
    ['letters', 'a'],
    ['accents', 'é'],
    ['emoji', '👩‍🚀'],
    ['marks', char(0x0301)],
    ['overrides', char(0x202e)],
    ['joiners', zwj],
    ['words with joiners', `می${zwnj}`],
    ['black flags', '🏴'],
    ['halves of pairs', '\ud83d'],
    ['line breaks', '\r\n'],
  ])('takes linear time: a megabyte of %s', (_, piece) => {
    const text = piece.repeat(Math.floor(1_000_000 / piece.length));
    const start = cpuNow();
    shown(text);
    // Measured: 2 to 260 ms. Quadratic time would be minutes.
    expect(cpuNow() - start).toBeLessThan(4_000);
  });
});
