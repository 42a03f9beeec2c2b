import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findStore } from '../../src/command-line/find-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function found(store: string) {
  const file = join(folder, 'config.yaml');
  // Lookout runs on the configuration from before this mistake, and can be asked.
  writeFileSync(file, `chat: {}\nstore: ${store}\n`);
  writeFileSync(join(folder, 'db-password'), 'password\n', { mode: 0o600 });
  return findStore(file, {});
}

it.each([
  ['a file', 'sqlite:lookout.db', { kind: 'sqlite' }],
  ['a server', '{ url: "postgres://lookout@127.0.0.1/lookout" }', { kind: 'postgres' }],
  [
    'a server with a password in a file',
    '{ url: "postgres://lookout@127.0.0.1/lookout", password_file: db-password }',
    { kind: 'postgres' },
  ],
])('the store is found although the rest of the configuration is wrong: %s', (_, store, expected) => {
  expect(found(store)).toMatchObject(expected);
});

it.each([
  ['a key that it does not know', '{ url: "sqlite:lookout.db", passwort: x }'],
  ['a variable that is not set', `"$${'{AWAY}'}"`],
])('nothing is found where the store is doubtful: %s', (_, store) => {
  expect(found(store)).toBeNull();
});
