import { expect, it } from 'vitest';
import { authorKeyOf } from '../../src/subjects/author-key.ts';

it('links of one profile give one key', () => {
  const links = [
    '//a.stackexchange.com/users/5',
    'https://a.stackexchange.com/u/5',
    '//A.stackexchange.com/users/5/ada?x',
  ];
  expect(new Set(links.map(authorKeyOf))).toEqual(new Set(['a.stackexchange.com/users/5']));
});

it('anything else gives none', () => {
  const others = [null, 7, '', 'spammer', '//a.stackexchange.com/a/5', '//a.stackexchange.com/users/x', '/users/5'];
  expect(others.map(authorKeyOf)).toEqual(others.map(() => null));
});
