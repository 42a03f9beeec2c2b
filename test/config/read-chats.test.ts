// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${NAME}` is what a configuration says

import { describe, expect, it } from 'vitest';
import { read } from './config-files.ts';

const environment = { A: 'token-of-a', B: 'token-of-b', C: 'token-of-c' };

/** Reads a configuration with these chats and rooms, each in YAML. */
function readWith(chats: string, rooms: string, to = 'hq') {
  const text = `source: { url: demo }\nstore: memory\nchats:\n${chats}\nrooms:\n${rooms}\nsubscriptions: [{ events: posts, rooms: ${to} }]\n`;
  return read(text, { environment });
}

const matrix = (name: string | null, token: string, more = '') =>
  `    - { ${name === null ? '' : `name: ${name}, `}homeserver: "https://a.org", token: "\${${token}}"${more} }`;

const two = `  matrix:\n${matrix(null, 'A')}\n${matrix('eu', 'B')}`;
const allNamed = `  matrix:\n${matrix('us', 'A')}\n${matrix('eu', 'B')}`;
const accountsOf = (rooms: string, chats = two) =>
  readWith(chats, rooms).config?.rooms.map(({ name, account }) => `${name}: ${account}`);

describe('several accounts of a chat', () => {
  it('each have their settings under an id, in the order of the file; one account may be a block, as before', () => {
    const { config, said } = readWith(two, '  hq: "matrix:!a:a.org"');
    expect(said).toEqual([]);
    expect(Object.keys(config!.chats)).toEqual(['discord', 'matrix', 'matrix/eu', 'console']);
    expect(config!.chats['matrix/eu']).toMatchObject({ homeserver: 'https://a.org' });
    const one = readWith('  matrix: { homeserver: "https://a.org", token: "${A}" }', '  hq: "matrix:!a:a.org"');
    expect(Object.entries(one.config!.chats).flatMap(([id, settings]) => (settings === null ? [] : id))).toEqual([
      'matrix',
      'console',
    ]);
  });

  it('have the rooms that name them; the one without a name has the others', () => {
    const rooms = '  hq: "matrix:!a:a.org"\n  spam: { to: "matrix:!b:a.org", account: eu }\n  here: console:here';
    expect(accountsOf(rooms)).toEqual(['hq: matrix', 'spam: matrix/eu', 'here: console']);
  });

  it('work for every chat with accounts', () => {
    const chats =
      '  discord:\n    - { token: "${A}", api: "https://d.org" }\n    - { name: two, token: "${B}", api: "https://d.org" }';
    const room = '  hq: { to: "discord:123456789012345678", account: two }';
    expect(accountsOf(room, chats)).toEqual(['hq: discord/two']);
  });

  it.each([
    [
      'a name of other signs',
      `  matrix:\n${matrix('"E U"', 'A')}`,
      '5:16: "E U" is not a name for an account: write 1 to 32 of a-z, 0-9 and -',
    ],
    [
      'two without a name',
      `  matrix:\n${matrix(null, 'A')}\n${matrix(null, 'B')}`,
      '6:7: two accounts have no name (the other is on line 5): add "name:" to one of them',
    ],
    [
      'two of one name',
      `  matrix:\n${matrix('eu', 'A')}\n${matrix('eu', 'B')}`,
      '6:15: the account "eu" is there already (line 5): rename one',
    ],
    [
      'two of one token',
      `  matrix:\n${matrix(null, 'A')}\n${matrix('eu', 'A')}`,
      '6:55: the account "eu" has the token of the account without a name: give each account the token of a user of its own',
    ],
    [
      'a mistake in a later one',
      `  matrix:\n${matrix(null, 'A')}\n${matrix('eu', 'B', ', prefx: "?"')}`,
      '6:63: unknown key "prefx": did you mean "prefix"?',
    ],
    [
      'a list for the terminal',
      `${two}\n  console:\n    - {}`,
      '8:5: "console" is a list: write its keys below it, indented: name: address',
    ],
  ])('are refused with %s', (_, chats, problem) => {
    expect(readWith(chats, '  hq: console:hq').said).toEqual([problem]);
  });

  it.each([
    [
      'an unknown account, with the nearest one',
      two,
      '{ to: "matrix:!a:a.org", account: eo }',
      '8:41: unknown account "eo" of Matrix: did you mean eu?',
    ],
    [
      'none where all have names, with these names',
      allNamed,
      '"matrix:!a:a.org"',
      '8:8: every account of Matrix has a name, and this room names none: add "account:" to the room in "rooms:": us or eu',
    ],
    [
      'one where the only one has no name',
      '  matrix: { homeserver: "https://a.org", token: "${A}" }\n  # two\n  # lines',
      '{ to: "matrix:!a:a.org", account: eu }',
      '8:41: unknown account "eu" of Matrix: its only account has no name: remove "account"',
    ],
    [
      'one on the terminal',
      two,
      '{ to: console:a, account: eu }',
      '8:33: the console has no accounts: remove "account"',
    ],
  ])('are not for a room that names %s', (_, chats, room, problem) => {
    expect(readWith(chats, `  hq: ${room}`).said).toEqual([problem]);
  });

  it('are not for an address that a subscription names, if all have names', () => {
    const { said } = readWith(allNamed, '  hq: { to: "matrix:!a:a.org", account: eu }', '["matrix:!b:a.org", hq]');
    expect(said).toEqual([expect.stringMatching(/^9:43: every account of Matrix has a name/)]);
  });

  it('have no room in common', () => {
    const rooms = '  hq: "matrix:!a:a.org"\n  spam: { to: "matrix:!a:a.org", account: eu }';
    expect(readWith(two, rooms).said).toEqual([
      '9:16: matrix:!a:a.org is already the room "hq" (line 8): give a room one name',
    ]);
  });
});
