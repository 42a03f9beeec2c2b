import { describe, expect, it } from 'vitest';
import { isAllowedLink } from './allowed-link.ts';
import { looseDifferences } from './loosely.ts';
import type { Reading } from './reading.ts';
import { wrongCharacters } from './shown-form.ts';
import { createTokens } from './tokens.ts';

describe('the shown form', () => {
  it.each([
    '\u202e',
    '\u2066',
    '\u200f',
    '\u061c',
    '\u200b',
    '\u2060',
    '\ufeff',
    '\u00ad',
    '\u3164',
    '\u034f',
    '\u0000',
    '\u001b[31m',
    '\u009b',
    '\u0007',
    '\t',
    '\r',
    '\ud800',
    '\udc00',
    '\ue000',
    '\ufffe',
    '\u{f0041}',
    '\u{e0041}',
    'a\u{e0061}',
    `a${'\u0301'.repeat(9)}`,
    '\u200da',
    'a \ufe0f',
  ])('is not %j', (text) => {
    expect(wrongCharacters(`word ${text} word`)).not.toEqual([]);
  });

  it.each([
    'word',
    'é',
    'e\u0301',
    '你好',
    'مرحبا',
    '👩🏽‍🚀',
    '1️⃣',
    '🇩🇪',
    'क्‍ष',
    'می‌خواهم',
    '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
    '⟦U+202E⟧',
    '␤',
    '\u{fffd}',
    'a\nb',
    '<@1> **b** https://evil.com',
  ])('is %s', (text) => {
    expect(wrongCharacters(`word ${text} word`)).toEqual([]);
  });
});

describe('a link', () => {
  it.each([
    'https://metasmoke.erwaysoftware.com/post/1#lk-x',
    'https://es.stackoverflow.com/a/1',
    'https://math.stackexchange.com/',
    'https://charcoal-se.org/x',
  ])('may lead to %s', (address) => expect(isAllowedLink(address)).toBe(true));
  it.each([
    'https://evil.com',
    'https://stackoverflow.com.evil.com/',
    'https://evilstackoverflow.com/',
    'https://stackoverflow.com@evil.com/',
    'https://stackoverflow.com:8080/',
    'javascript:alert(1)',
    'https://stackoverflow.com\\@evil.com',
    'https://evil.com#https://stackoverflow.com',
    'steam://stackoverflow.com',
    '//stackoverflow.com',
    '',
  ])('may not lead to %j', (address) => expect(isAllowedLink(address)).toBe(false));
});

describe('the comparison if helpers cut and pick', () => {
  const tokens = createTokens();
  const word = tokens.standFor('Buy now, **cheap** things\nsecond line');
  const reading = (text: string, look = 'p'): Reading => ({
    runs: [{ text, path: [look], isCode: false }],
    links: [],
    dangers: [],
  });
  const kinds = (is: Reading, should: Reading) => looseDifferences(is, should, tokens).map(({ kind }) => kind);

  it('accepts a part of a text, in its order', () => {
    expect(kinds(reading('Why: Buy now, **cheap**… · x'), reading(`Why: ${word} · x`))).toEqual([]);
    expect(kinds(reading('Why: Buy now, **cheap** things · x'), reading(`Why: ${word} · x`))).toEqual([]);
    expect(kinds(reading('Why: Buy…second line · x'), reading(`Why: ${word} · x`))).toEqual([]);
  });

  it('rejects any other text, order, words of the template, or formatting', () => {
    expect(kinds(reading('Why: Buy now, cheap things · x'), reading(`Why: ${word} · x`))).toEqual(['text']);
    expect(kinds(reading('Why: second line…Buy · x'), reading(`Why: ${word} · x`))).toEqual(['text']);
    expect(kinds(reading('Buy now'), reading(`Why: ${word} · x`))).toEqual(['text']);
    expect(kinds(reading('Why: Buy now · x', 'p > strong'), reading(`Why: ${word} · x`))).toEqual(['look']);
  });
});
