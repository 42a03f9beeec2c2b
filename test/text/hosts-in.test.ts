import { expect, it } from 'vitest';
import { hostsIn } from '../../src/text/hosts-in.ts';

it('the hosts in a text are those of its web addresses, each once, in their order', () => {
  const html = '<a href="http://www.Evil.example/a?b">x</a> https://b.example:8080 https://evil.example';
  expect(hostsIn(html)).toEqual(['evil.example', 'b.example']);
  expect(hostsIn('evil.example ftp://a.example mailto:a@b.example http:// http://localhost')).toEqual([]);
});

it('a host is shown without what could be taken for another one', () => {
  expect(hostsIn('https://stackoverflow.com@evil.example/')).toEqual(['evil.example']);
  expect(hostsIn('https://аpple.com')).toEqual(['xn--pple-43d.com']);
});

it('at most 20 hosts are listed, and 32 kB are read', () => {
  const many = Array.from({ length: 21 }, (_, i) => `http://h${i}.example`).join(' ');
  expect(hostsIn(many)).toHaveLength(20);
  expect(hostsIn(`${' '.repeat(32_768)}http://a.example`)).toEqual([]);
});
