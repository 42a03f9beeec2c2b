import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { NewAccount, PlatformSetup } from '../../src/adapters/setup.ts';
import { makeAccount } from '../../src/command-line/new-account.ts';
import { hook } from '../adapters/hook/platform.ts';
import { answering } from '../support/scripted-questions.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-account-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const account: NewAccount = {
  name: 'the bot',
  settings: { url: 'https://hook.test' },
  secrets: [
    { key: 'token', value: 'a-token' },
    { key: 'refresh_token', value: 'another' },
  ],
};

function make(replaces = false, secrets = account.secrets, name: string | null = null) {
  let logins = 0;
  const setup: PlatformSetup = {
    options: [],
    secrets: ['token', 'refresh_token'],
    roomHelp: '',
    madeOnce: ['recovery_key'],
    async logIn() {
      logins++;
      return { ...account, secrets };
    },
  };
  const terminal = { err: () => {} };
  const made = makeAccount(
    { platform: hook, account: name, setup, questions: answering(), given: {}, folder, replaces },
    { environment: {}, terminal },
  );
  return { made, logins: () => logins };
}

it('writes each secret into a file that its owner alone can read, and names the files', async () => {
  expect(await make().made).toEqual({
    name: 'the bot',
    settings: { url: 'https://hook.test', token_file: 'hook-token', refresh_token_file: 'hook-refresh-token' },
  });
  const file = join(folder, 'hook-refresh-token');
  expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['another\n', 0o600]);
});

it('names the files of an account with a name after it', async () => {
  expect((await make(false, account.secrets, 'eu').made).settings).toEqual({
    ...{ name: 'eu', url: 'https://hook.test' },
    ...{ token_file: 'hook-eu-token', refresh_token_file: 'hook-eu-refresh-token' },
  });
  expect(existsSync(join(folder, 'hook-eu-token'))).toBe(true);
});

it('logs nobody in while a token is there, unless it is to be replaced', async () => {
  const file = join(folder, 'hook-token');
  writeFileSync(file, 'old\n', { mode: 0o644 });
  const { made, logins } = make();
  await expect(made).rejects.toThrow(`${file} is there already: move it away, or give --replace`);
  expect([readFileSync(file, 'utf8'), logins()]).toEqual(['old\n', 0]);
  await make(true).made;
  expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['a-token\n', 0o600]);
  expect(existsSync(`${file}.new`)).toBe(false);
});

it('puts a secret in use when it is in its file, and removes the file of one that is of no use', async () => {
  const file = join(folder, 'hook-recovery-key');
  let wasThere = false;
  const activate = (answer: string | null) => async () => {
    wasThere = existsSync(file);
    return answer;
  };
  const secret = { key: 'recovery_key', value: 'a-key' };
  expect((await make(false, [{ ...secret, activate: activate('the server said no') }]).made).settings).toEqual({
    url: 'https://hook.test',
  });
  expect([wasThere, existsSync(file)]).toEqual([true, false]);
  expect((await make(false, [{ ...secret, activate: activate(null) }]).made).settings.recovery_key_file).toBe(
    'hook-recovery-key',
  );
  // It stays, and is named, when another token is made.
  expect((await make(false, []).made).settings.recovery_key_file).toBe('hook-recovery-key');
});
