import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { platforms } from '../../src/adapters/platforms.ts';
import { extensions } from '../../src/command-line/extensions.ts';
import { allKeys } from '../../src/config/all-keys.ts';
import { configKeys } from '../../src/config/keys.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { inputs } from '../../src/inputs/inputs.ts';
import { changeLine } from '../../src/reload/change.ts';
import { compareConfigs } from '../../src/reload/compare.ts';
import { before, changed, keyChanges, type Tree } from './key-changes.ts';

const folder = mkdtempSync(join(tmpdir(), 'lookout-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Reads a configuration in the same folder as every other, with nothing but these files beside it. */
function configOf(tree: Tree, files: Readonly<Record<string, string>> = {}) {
  rmSync(folder, { recursive: true });
  mkdirSync(join(folder, 'my-templates'), { recursive: true });
  for (const [name, text] of Object.entries({ ...files, 'config.yaml': JSON.stringify(tree) }))
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  const { config, problems } = loadConfig(join(folder, 'config.yaml'), {}, extensions);
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return config!;
}

/** The lines that are logged when one configuration takes the place of another. */
function linesFrom(old: Tree, now: Tree): readonly string[] {
  return compareConfigs(configOf(old), configOf(now), platforms).map(changeLine);
}

const leaves = allKeys(configKeys({ platforms, inputs })).filter(
  ({ key }) => !['block', 'names', 'list', 'one or more', 'accounts'].includes(key.kind.is),
);

describe('comparing two configurations', () => {
  it('finds nothing if they are the same', () => {
    expect(linesFrom(before, before)).toEqual([]);
  });

  it('looks at the rooms as often for many subscriptions as for one', () => {
    const { rooms, subscriptions, ...others } = configOf(before);
    /** Returns how often the address of a room is read if there are so many new subscriptions. */
    const reads = (count: number) => {
      let read = 0;
      const counted = rooms.map((room) => ({
        ...room,
        get address() {
          read++;
          return room.address;
        },
      }));
      const some = Array.from({ length: count }, (_, index) => ({ ...subscriptions[0]!, id: `new${index}` }));
      const old = { ...others, rooms, subscriptions: [] };
      expect(compareConfigs(old, { ...others, rooms: counted, subscriptions: some }, platforms)).toHaveLength(count);
      return read;
    };
    expect(reads(20)).toBe(reads(1));
  });

  it('is tested with every key', () => {
    expect(Object.keys(keyChanges)).toEqual(leaves.map(({ path }) => path));
  });

  it.each(Object.entries(keyChanges).filter(([, change]) => change !== null))(
    'finds that %s changed, and what puts it into effect',
    (_, change) => {
      const changes = compareConfigs(configOf(before), configOf(changed(before, change!)), platforms);
      expect(changes.map(({ effect }) => effect.kind)).toContain(change?.kind);
    },
  );

  it('says in a line each what changed, with both values', () => {
    const now = [
      { at: 'derived.lost_after', to: '3m' },
      { at: 'source.url', to: 'wss://b.org/cable' },
      { at: 'rooms.new', to: 'matrix:!new:a.org' },
      { at: 'rooms.hq.timezone', to: 'Europe/Berlin' },
      { at: 'chats.matrix.token', to: 'new-matrix-token' },
      { at: 'subscriptions.0.rooms', to: ['hq', 'new'] },
    ].reduce(changed, before);
    expect(linesFrom(before, now)).toEqual([
      'source.url: now wss://b.org/cable, before wss://a.org/cable; this needs a restart, until then the old one is used',
      'derived.lost_after: now 3 min, before 2 min',
      'chats.matrix: another token; logging in on matrix again',
      'rooms.new: begins',
      'rooms.hq: another timezone, quiet',
      'subscriptions, line 1: posts#create → hq, new (id cards) changed',
    ]);
  });

  it('names the keys of a chat as the file has them', () => {
    const named = (key: string) => linesFrom(before, changed(before, keyChanges[key]!))[0];
    for (const key of Object.keys(keyChanges).filter(
      (path) => path.startsWith('chats.') && keyChanges[path] !== null,
    )) {
      const [, chat, name] = key.split('.');
      expect(named(key)).toBe(`chats.${chat}: another ${name}; logging in on ${chat} again`);
    }
  });

  it('says that a room and a subscription end', () => {
    const { hq } = before.rooms as { hq: Tree };
    const now = { ...before, rooms: { hq }, operators: 'hq', subscriptions: [(before.subscriptions as Tree[])[0]!] };
    expect(linesFrom(before, now)).toEqual([
      'operators: now matrix:!hq:a.org, before matrix:!ops:a.org',
      'rooms.ops: ends; its deliveries are parked',
      'subscriptions: flag_logs#create → hq (id flags) ends',
    ]);
  });

  it('finds another order of subscriptions, which decides how an event looks', () => {
    const now = { ...before, subscriptions: (before.subscriptions as Tree[]).toReversed() };
    expect(linesFrom(before, now)).toEqual(['subscriptions: another order']);
  });

  it('finds a template that is new, another, or gone', () => {
    const [none, one, other] = [{}, { 'my-templates/post.hbs': 'one' }, { 'my-templates/post.hbs': 'other' }].map(
      (files) => configOf(before, files),
    );
    const lines = (old = none, now = none) => compareConfigs(old!, now!, platforms).map(changeLine);
    expect(lines(none, one)).toEqual([
      expect.stringMatching(/^template post: another text, now from .*templates\/post\.hbs$/),
    ]);
    expect(lines(one, other)).toEqual([expect.stringMatching(/^template post: another text/)]);
    expect(lines(other, none)).toEqual([expect.stringMatching(/^template post: another text, now from /)]);
  });

  it('finds another token in the same file, and the same one in another way', () => {
    const tree = changed(before, { at: 'source', to: { ...(before.source as object), key: undefined! } });
    const inFile = changed(tree, { at: 'source.key_file', to: 'key' });
    const files = (key: string) => ({ key });
    const changes = (key: string) =>
      compareConfigs(configOf(inFile, files('one')), configOf(inFile, files(key)), platforms).map(changeLine);
    expect(changes('one')).toEqual([]);
    expect(changes('two')).toEqual(['source.key: another one']);
    expect(compareConfigs(configOf(before), configOf(inFile, files('old-source-key')), platforms)).toHaveLength(1);
  });

  it('takes a key beside the demo for one of the API, which needs it from then on', () => {
    const { key, ...source } = { ...(before.source as Tree & { key: string }), url: 'demo' };
    const [without, beside] = [configOf({ ...before, source }), configOf({ ...before, source: { ...source, key } })];
    for (const changes of [compareConfigs(without, beside, platforms), compareConfigs(beside, without, platforms)])
      expect(changes).toMatchObject([{ key: 'source.key', effect: { kind: 'api' } }]);
  });

  it('finds the accounts of a list that are new, gone and changed, and rooms that get another one', () => {
    const { matrix, ...others } = before.chats as { matrix: Tree };
    const list = (...accounts: Tree[]) => ({ ...before, chats: { ...others, matrix: accounts } });
    const eu = { ...matrix, name: 'eu', token: 'token-of-eu' };
    expect(linesFrom(before, list(matrix))).toEqual([]);
    expect(linesFrom(before, list(matrix, eu))).toEqual(['chats.matrix/eu: is new; logging in on matrix/eu again']);
    expect(linesFrom(list(matrix, eu), list({ ...eu, token: 'another' }, matrix))).toEqual([
      'chats.matrix/eu: another token; logging in on matrix/eu again',
    ]);
    const rooms = { ...(before.rooms as Tree), ops: { to: 'matrix:!ops:a.org', account: 'eu' } };
    expect(linesFrom(list(matrix, eu), { ...list(matrix, eu), rooms })).toEqual([
      'rooms.ops: another account, now matrix/eu, before matrix',
    ]);
    expect(linesFrom(list(matrix, eu), before)).toEqual(['chats.matrix/eu: is gone; logging in on matrix/eu again']);
  });

  it('tells the platform that shows commands by its own permissions, if others may use them', () => {
    const now = changed(before, { at: 'rooms.hq.commands', to: { users: ['123456789012345678'] } });
    expect(linesFrom(before, now)).toContain(
      'chats.discord: other people are shown the commands; logging in on discord again',
    );
    expect(linesFrom(before, changed(before, keyChanges['rooms.<name>.commands.users']!)).join()).not.toContain(
      'chats.',
    );
  });
});
