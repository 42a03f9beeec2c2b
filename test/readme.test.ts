import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { extensions } from '../src/command-line/extensions.ts';
import { loadConfig } from '../src/config/load-config.ts';
import { blocks, readPage } from './docs/pages.ts';

/** What is README's alone; `test/docs` checks every page. */

const readme = readPage('README.md');

let folder: string | undefined;
afterEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true });
  folder = undefined;
});

function load(yaml: string) {
  folder = mkdtempSync(join(tmpdir(), 'lookout-readme-'));
  const file = join(folder, 'config.yaml');
  writeFileSync(file, yaml);
  const recoveryKey = 'EsT3 4kza y1Xs efFA tKyi HVwT kdEP 4UEk rvNr dFvy 8nGq AkqP';
  const secrets = { 'matrix-token': 't', 'matrix-store-key': '5'.repeat(64), 'matrix-recovery-key': recoveryKey };
  for (const [name, secret] of Object.entries(secrets)) writeFileSync(join(folder, name), secret, { mode: 0o600 });
  const DISCORD_TOKEN = `${'m'.repeat(24)}.Gabcde.${'x'.repeat(38)}`;
  return loadConfig(file, { METASMOKE_KEY: 'k', DISCORD_TOKEN }, extensions);
}

describe('the README', () => {
  const [discordRoom = '', matrixLines = ''] = blocks(readme, 'yaml');

  it('has at most 150 lines', () => {
    expect(readme.split('\n').length - 1).toBeLessThanOrEqual(150);
  });

  it('has a first Discord room that is a good configuration', () => {
    const { config, problems } = load(discordRoom);
    expect(problems).toEqual([]);
    expect(config?.rooms.map((room) => room.address)).toEqual(['discord:123456789012345678']);
  });

  it('has a first Matrix room that is one with two keys changed', () => {
    const lines = new Map(
      matrixLines
        .trim()
        .split(/\n(?=\w)/)
        .map((block) => [block.split(':')[0], block]),
    );
    expect([...lines.keys()]).toEqual(['chats', 'rooms']);
    const { config, problems } = load(discordRoom.replaceAll(/^(\w+):.*$/gm, (line, key) => lines.get(key) ?? line));
    expect(problems).toEqual([]);
    expect(config?.rooms.map((room) => room.address)).toEqual(['matrix:#smoke:example.org']);
  });

  it('asks for the permissions that it names', () => {
    const [, asked = ''] = /permissions=(\d+)/.exec(readme) ?? [];
    // https://docs.discord.com/developers/topics/permissions#permissions-bitwise-permission-flags
    const bits = { 'View Channels': 10n, 'Send Messages': 11n, 'Embed Links': 14n, 'Read Message History': 16n };
    const threads = { 'Create Public Threads': 35n, 'Send Messages in Threads': 38n };
    const all = { ...bits, ...threads, 'Add Reactions': 6n };
    expect(BigInt(asked)).toBe(Object.values(all).reduce((sum, bit) => sum | (1n << bit), 0n));
    const text = readme.replaceAll(/\s+/g, ' ');
    expect(Object.keys(all).filter((name) => !text.includes(name))).toEqual([]);
  });

  it('shows pictures', () => {
    expect([...readme.matchAll(/!\[[^\]]*\]\(([^)]+\.png)\)/g)].length).toBeGreaterThan(1);
  });
});
