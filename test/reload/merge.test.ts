import { describe, expect, it } from 'vitest';
import { platforms } from '../../src/adapters/platforms.ts';
import type { Config } from '../../src/config/config.ts';
import { compareConfigs } from '../../src/reload/compare.ts';
import { mergeConfigs } from '../../src/reload/merge.ts';
import { read } from '../config/config-files.ts';
import { before, changed, type Tree } from './key-changes.ts';

const configOf = (tree: Tree) => read(JSON.stringify(tree)).config!;
const merged = (old: Config, next: Config) => mergeConfigs(old, next, compareConfigs(old, next, platforms));
const withOther = (at: string, to: string) => configOf(changed(before, { at, to }));

describe('the configuration in effect after a reload', () => {
  const old = configOf(before);

  it('has the settings of a chat that did not change, with the secrets that its adapter holds', () => {
    const { chats } = merged(old, withOther('chats.matrix.prefix', '?'));
    expect(chats.discord).toBe(old.chats.discord);
    expect(chats.matrix).toMatchObject({ prefix: '?' });
  });

  it('keeps the source, its key and its API if another server needs a restart', () => {
    const other = { ...(before.source as Tree), url: 'wss://b.org/cable', key: 'key-of-b', api: 'https://b.org/api' };
    const { source } = merged(old, configOf({ ...before, source: other }));
    expect(source).toMatchObject({ url: 'wss://a.org/cable', api: 'https://a.org/api' });
    expect(source.key).toBe(old.source.key);
  });

  it('hides old and new secrets', () => {
    const { secrets } = merged(old, withOther('chats.matrix.token', 'new-matrix-token'));
    const values = secrets.map((secret) => secret.given);
    expect(values).toEqual(expect.arrayContaining(['old-matrix-token', 'new-matrix-token', 'old-source-key']));
  });

  it('hides no more secrets after a thousand reloads, and still those in use', () => {
    const others = ['?', '!'].map((prefix) => withOther('chats.matrix.prefix', prefix));
    const tokens = ['a-token', 'b-token'].map((token) => withOther('chats.matrix.token', token));
    const keys = ['a-key', 'b-key'].map((key) => withOther('source.key', key));
    let config = old;
    const counts: number[] = [];
    for (let round = 0; round < 167; round++) {
      for (const next of [...others, ...tokens, ...keys]) config = merged(config, next);
      counts.push(config.secrets.length);
    }
    expect(counts.at(-1)).toBe(counts[20]);
    const values = config.secrets.flatMap((secret) => secret.values);
    expect(values).toEqual(expect.arrayContaining(['old-discord-token', 'old-matrix-token', 'old-source-key']));
  });

  it('keeps a chat until a restart if its adapter is not loaded any more, and ends one without settings', () => {
    const { matrix: _, ...chats } = old.chats;
    const without = { ...old, adapters: [], chats: { ...chats, discord: null } };
    const kept = merged(old, without);
    expect(kept.chats).toEqual({ ...old.chats, discord: null });
    expect(compareConfigs(kept, without, platforms)).toEqual([]);
    expect(merged(kept, old).chats).toEqual(old.chats);
  });

  it('leaves out rooms on a chat whose adapter needs a restart', () => {
    const { matrix: _, ...chats } = old.chats;
    const { rooms, subscriptions } = merged({ ...old, chats }, old);
    expect(rooms).toEqual([]);
    expect(subscriptions.flatMap((one) => one.rooms)).toEqual([]);
  });
});
