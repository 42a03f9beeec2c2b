import { describe, expect, it } from 'vitest';
import { findLinkable } from '../../../../src/adapters/matrix/format/linkable.ts';
import { cpuNow } from '../../../support/cpu-time.ts';

const found = (text: string) => findLinkable(text).map(({ from, to }) => text.slice(from, to));

describe('what a client would make into a link or a mention', () => {
  it.each([
    'https://evil.com/x?y=1#z',
    'HTTPS://EVIL.COM',
    'http://localhost',
    'ftp://x',
    'mxc://evil.com/abc',
    'anything://else',
    'www.evil.com',
    'WWW.EVIL',
    'evil.com',
    'evil.com:8080/path',
    'sub.evil.co.uk',
    'пример.рф',
    'evil。com',
    'spam@evil.com',
    'spam@evil．com',
    'mailto:a@b',
    'tel:+18005550100',
    'javascript:alert',
    'matrix:u/user:evil.com',
    'matrix.to/#/@user:evil.com',
    '@user:evil.com',
    '@user:localhost',
    '@user:intern',
    '#room:intern',
    '#room:evil.com',
    '#ру:evil.com',
    '!room:evil.com',
    '!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM',
    '$31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM',
    '@room',
    '@ROOM',
    '@everyone',
    '192.168.0.1',
    'localhost',
    '//[::1]/x',
    '␤.com',
    'x`code`.com/y',
    'evil.web',
    'xn--e1afmkfd.xn--p1ai',
  ])('is %s, alone, in a sentence and in brackets', (link) => {
    expect(found(link)).toEqual([link]);
    expect(found(`see ${link}, (${link}) or "${link}".\n${link}`)).toEqual([link, link, link, link]);
  });

  it.each([
    'How to fix NullPointerException in Java 8?',
    'e.g. this, i.e. that',
    'Node.js and .gitignore',
    'a: b, c; d! (e)',
    'email me at user(at)example(dot)com',
    '3.14 of 1.2.3',
    'C# and #hashtag and @name without a server',
    '12:30:45 on 2026-01-02',
    '@roommate',
    'Löschen? Ja!',
  ])('is nothing in “%s”', (text) => {
    expect(found(text)).toEqual([]);
  });

  it('reaches to the white space around it, so that nothing of it is left over', () => {
    expect(found('x<https://evil.com>@a:b.c/y z')).toEqual(['x<https://evil.com>@a:b.c/y']);
  });

  it('is found quickly in any text', () => {
    const bombs = [
      'a.',
      '@',
      'http://',
      'www.',
      'a@b.com ',
      '((((',
      'a-',
      'a@',
      '!',
      '@a:',
      '1.',
      '://',
      '。',
      '\u0300',
      '$',
    ];
    for (const bomb of bombs) {
      const text = bomb.repeat(Math.ceil(15_000 / bomb.length));
      const started = cpuNow();
      findLinkable(text);
      expect([bomb, cpuNow() - started < 500]).toEqual([bomb, true]);
    }
  });
});
