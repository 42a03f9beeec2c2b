import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { extensions } from '../../src/command-line/extensions.ts';
import { findStore } from '../../src/command-line/find-store.ts';
import { loadConfig } from '../../src/config/load-config.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-env-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const text = `source: { url: "ws://localhost:1/cable", key: "\${KEY}" }
store: "sqlite:\${NAME}.db"
rooms: { a: console:a }
subscriptions: [{ events: posts#create, rooms: a }]
`;

function load(environment: Readonly<Record<string, string>>, env: string | null, mode = 0o600) {
  const file = join(folder, 'config.yaml');
  writeFileSync(file, text);
  if (env !== null) writeFileSync(join(folder, '.env'), env, { mode });
  const { config, problems } = loadConfig(file, environment, extensions);
  return { file, config, problems: problems.map(({ file: at, severity, wrong }) => [at, severity, wrong]) };
}

it('reads variables from the file beside the configuration', () => {
  const { file, config, problems } = load({}, '# keys\nKEY="a#key"\nexport NAME=mine\n');
  expect(problems).toEqual([]);
  expect(config?.source.key?.reveal()).toBe('a#key');
  expect(findStore(file, {})).toMatchObject({ file: join(folder, 'mine.db') });
});

it('takes a variable of the environment before one of the file', () => {
  expect(load({ KEY: 'of-the-process' }, 'KEY=of-the-file\nNAME=n\n').config?.source.key?.reveal()).toBe(
    'of-the-process',
  );
});

it('says that a variable is in neither', () => {
  const { config, problems } = load({}, 'KEY=k\n');
  expect([config, problems.map(([, , wrong]) => wrong)]).toEqual([null, ['the environment variable NAME is not set']]);
});

it('warns that others can read it', () => {
  const { problems } = load({}, 'KEY=k\nNAME=n\n', 0o644);
  expect(problems).toEqual([[join(folder, '.env'), 'warning', 'others can read this file, which is for secrets']]);
  chmodSync(join(folder, '.env'), 0o600);
  expect(load({}, null).problems).toEqual([]);
});

it('says that it cannot be read', () => {
  mkdirSync(join(folder, '.env'));
  expect(load({ KEY: 'k', NAME: 'n' }, null)).toMatchObject({
    config: null,
    problems: [[join(folder, '.env'), 'error', 'this is a folder']],
  });
});
