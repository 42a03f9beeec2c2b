import { afterAll, expect, it } from 'vitest';
import type { Json } from '../../src/words.ts';
import { openScreen } from './console/read.ts';
import { complaintsOf } from './property.ts';

const screen = openScreen();
afterAll(() => screen.close());

/** Posts that once did not stay text, as small as possible, with the template that showed it. */
const posts: readonly (readonly [what: string, template: string, post: Readonly<Record<string, Json>>])[] = [
  ['a domain behind backticks', 'sigils', { username: '``a`b``' }],
  ['a domain behind the sign of a line break', 'sigils', { username: '\n' }],
  ['an address of numbers without a scheme', 'parts', { title: '//[::1]' }],
  ['localhost, of which no sign tells that it is an address', 'helpers', { tags: ['localhost'] }],
  ['a scheme apart, behind what became code', 'looks', { title: 'm', username: 'ailto:a', why: '@', body: 'evil.com' }],
  ['an id apart, behind what became code', 'looks', { title: 'm', username: 'atrix:u', body: '/a:evil.com' }],
  ['a text behind line breaks that are none to JavaScript', 'helpers', { body: '\u0085`' }],
  ['a blank of another width', 'helpers', { body: '\u2000' }],
  ['code that ends the label of a link before it', 'helpers', { tags: ['!'], why: '](https://evil.com)' }],
  ['the same with a mention', 'helpers', { username: '\u0000', why: '](https://evil.com)@everyone' }],
  ['an address in brackets across two parts', 'parts', { username: '[a](<', why: 'https://evil.com>', body: ')' }],
  ['a mention across two parts', 'labels', { title: 'here.`', username: ' `.', why: '@', body: 'here' }],
  ['an emoji across two parts', 'labels', { title: '-:discord.gg/abc:a', why: '---@user:server---' }],
  [
    'an emoji with a tone across two parts',
    'labels',
    { title: ':servera`', why: 'a:thumbsup::s', body: 'kin-tone-2:' },
  ],
];

it.each(posts)('%s stays text', async (_, template, post) => {
  const message = { event_type: 'create', event_class: 'Post', object: { id: 1, ...post } };
  expect(await complaintsOf({ message, template, origin: 'live', width: 100 }, screen)).toEqual([]);
});
