import { join } from 'node:path';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import type { CommandLine } from '../../src/command-line/command-line.ts';
import { addPlatformTools } from '../../src/command-line/platform-tools.ts';
import { createTerminal } from '../../src/command-line/terminal.ts';
import { folderWith } from '../config/config-files.ts';

/** Runs `lookout matrix verify` on accounts with these names; null: without one. Returns the exit code and the errors without warnings. */
async function verify(names: readonly (string | null)[], ...options: readonly string[]) {
  const accounts = names.map((name) => {
    const named = name === null ? '' : `name: ${name}, `;
    return `{ ${named}homeserver: "https://a.org", token: token-of-${name ?? 'none'} }`;
  });
  const config = `source: { url: demo }
store: memory
chats: { matrix: [${accounts.join(', ')}] }
rooms: { hq: console:hq }
subscriptions: [{ events: posts, rooms: hq }]
`;
  const file = join(folderWith({ 'config.yaml': config }), 'config.yaml');
  let err = '';
  let code: number | null = null;
  const known = { errIsTerminal: false, outIsTerminal: false, errColor: false, outColor: false, outColumns: null };
  const terminal = createTerminal({
    ...known,
    writeOut() {},
    writeErr(text) {
      err += text;
    },
  });
  const end = (ended: number) => {
    code = ended;
  };
  const line = { environment: {}, terminal, version: 'test', end } as unknown as CommandLine;
  const program = new Command();
  addPlatformTools(program, line);
  await program.parseAsync(['matrix', 'verify', '-c', file, ...options], { from: 'user' });
  return [code, err.replaceAll(file, 'config.yaml').trim()];
}

/** The store is looked at when the account is found. */
const found = [1, expect.stringContaining('`store: memory` keeps nothing after its process ends')];

it.each([
  ['the one without a name, if none is named', [null, 'eu'], [], found],
  ['the only one', ['eu'], [], found],
  ['the one that is named', [null, 'eu'], ['--account', 'eu'], found],
  [
    'none, if several have names and none is named',
    ['us', 'eu'],
    [],
    [2, expect.stringContaining('config.yaml has several accounts in chats.matrix: add --account us or eu')],
  ],
  [
    'none of an unknown name',
    [null, 'europe'],
    ['--account', 'europa'],
    [2, expect.stringContaining('config.yaml has no account "europa" in chats.matrix: did you mean europe?')],
  ],
  [
    'none by a name, if none has one',
    [null],
    ['--account', 'eu'],
    [2, expect.stringContaining('config.yaml has no account "eu" in chats.matrix')],
  ],
])('a command of a chat works with %s', async (_, names, options, expected) => {
  expect(await verify(names, ...options)).toEqual(expected);
});
