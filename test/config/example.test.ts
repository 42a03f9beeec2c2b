import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { DiscordSettings } from '../../src/adapters/discord/settings.ts';
import type { MatrixSettings } from '../../src/adapters/matrix/settings.ts';
import { extensions } from '../../src/command-line/extensions.ts';
import { allKeys } from '../../src/config/all-keys.ts';
import { configKeys } from '../../src/config/keys.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { ownCa } from '../http/own-ca.ts';
import { read } from './config-files.ts';
import { commentOf, writtenKeys } from './example-comments.ts';

const file = fileURLToPath(new URL('../../config.example.yaml', import.meta.url));
const example = readFileSync(file, 'utf8');
/** In the form that Discord's have. */
const botToken = `${'m'.repeat(24)}.Gabcde.${'x'.repeat(38)}`;
const environment = {
  METASMOKE_KEY: 'k1',
  MATRIX_TOKEN: 't1',
  DISCORD_TOKEN: botToken,
  LOOKOUT_HUB_KEY: 'h1',
  MATRIX_REFRESH_TOKEN: 'r1',
  MATRIX_STORE_KEY: '5'.repeat(64),
  MATRIX_RECOVERY_KEY: 'EsT3 4kza y1Xs efFA tKyi HVwT kdEP 4UEk rvNr dFvy 8nGq AkqP',
};
const real = { environment, files: { 'company-ca.pem': ownCa.ca } };

/** A line of YAML behind `# `, and whether its own comment calls it a default. Prose begins with a capital or has no colon. */
const hidden = /^( *)# ( *(?:- )?[a-z_]+:(?: .*)?)$/;
const isDefault = (line: string) => / # default\b/.test(line);
/** A SQLite file has no password. */
const isForServer = (line: string) => / # the password of a PostgreSQL database/.test(line);
const isDemo = (line: string) => / # demo$/.test(line);

/** The file as somebody has it who follows its first lines: what is for the demo removed, what is hidden uncommented. */
function forReal(withDefaults: 'with defaults' | 'without defaults'): string {
  return example
    .split('\n')
    .filter((line) => !isDemo(line) && !isForServer(line))
    .map((line) =>
      hidden.test(line) && (withDefaults === 'with defaults' || !isDefault(line)) ? line.replace(hidden, '$1$2') : line,
    )
    .join('\n');
}

it('runs as it is, without any variable, and nothing is wrong in it', () => {
  const { config, problems } = loadConfig(file, {}, extensions);
  expect(problems).toEqual([]);
  expect(config?.source).toMatchObject({ url: 'demo', name: 'demo' });
  expect(config?.store.kind).toBe('memory');
  expect(new Set(config?.rooms.map((room) => room.platform))).toEqual(new Set(['console']));
  expect(config?.subscriptions.some((subscription) => subscription.where !== null)).toBe(true);
});

it('leads to real rooms when what is for the demo is removed and what is hidden uncommented', () => {
  const { config, said } = read(forReal('without defaults'), real);
  expect(said).toEqual([]);
  expect(config?.source).toMatchObject({ url: 'wss://metasmoke.erwaysoftware.com/cable', name: 'metasmoke' });
  expect(config?.source.key?.reveal()).toBe('k1');
  expect((config?.chats.discord as DiscordSettings | undefined)?.token.reveal()).toBe(botToken);
  expect((config?.chats.matrix as MatrixSettings | undefined)?.token.reveal()).toBe('t1');
  expect(config?.rooms.map((room) => room.platform)).toEqual(['discord', 'matrix', 'console']);
  expect(config?.subscriptions[0]).toMatchObject({ id: 'reports', template: 'card' });
});

it('calls a default what is the default', () => {
  const without = read(forReal('without defaults'), real);
  const withThem = read(forReal('with defaults'), real);
  expect(withThem.said).toEqual([]);
  const plain = (config: unknown) => JSON.parse(JSON.stringify(config).replaceAll(/lookout-config-\w+/g, 'folder'));
  expect(plain(withThem.config)).toEqual(plain(without.config));
  expect(example.split('\n').filter((line) => hidden.test(line) && isDefault(line)).length).toBeGreaterThan(8);
});

it('says of every key what the table of keys says', () => {
  const table = new Map(allKeys(configKeys(extensions)).map(({ path, key }) => [path, key]));
  const commented = writtenKeys(forReal('with defaults'), ['rooms']).filter(({ path }) => table.has(path));
  const said = commented.flatMap(({ path, comment }) => (comment === null ? [] : [`${path}: ${comment}`]));
  const wanted = commented.flatMap(({ path, value, comment }) =>
    comment === null ? [] : [`${path}: ${commentOf(table.get(path)!, value)}`],
  );
  // A block is not called a default but for all its keys together.
  expect(said.map((one) => one.replace(/^store: default; /, 'store: '))).toEqual(wanted);
  // What has no comment is a block with a line above it, the file of a secret, or explained above.
  const silent = [...table].filter(([path]) => !commented.some((one) => one.path === path && one.comment !== null));
  const isExplained = (path: string) =>
    path.endsWith('_file') ||
    /^chats\.\w+\.name$|^rooms\.<name>\.account$/.test(path) ||
    ['subscriptions[].where', 'store.password'].includes(path);
  const mute = silent.filter(
    ([path, { kind }]) => !['block', 'list', 'names', 'accounts'].includes(kind.is) && !isExplained(path),
  );
  expect(mute.map(([path]) => path)).toEqual([]);
});

it('shows every key that there is', () => {
  const names = allKeys(configKeys(extensions)).map(({ path }) => path.split('.').at(-1) ?? '');
  const missing = names.filter((name) => name !== '<name>' && !new RegExp(`\\b${name}\\b`).test(example));
  expect(missing).toEqual([]);
});
