// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${NAME}` is what a configuration says

import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { extensions } from '../../src/command-line/extensions.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { folderWith, type ReadOptions, read } from './config-files.ts';

const withKey = (lines: string, options: ReadOptions = {}) =>
  read(
    `source:\n  url: wss://example.org/cable\n${lines}store: memory\nsubscriptions: [{ events: posts, rooms: "console:x" }]\n`,
    options,
  );

describe('a secret', () => {
  it('comes from a variable and says so, not what it is', () => {
    const { config, said } = withKey('  key: ${KEY}\n', { environment: { KEY: 'hush' } });
    expect(said).toEqual([]);
    expect(config?.source.key?.reveal()).toBe('hush');
    expect(config?.source.key?.from).toMatch(/config\.yaml:3:8, \$\{KEY\}$/);
    expect(config?.secrets).toHaveLength(1);
    expect(inspect(config, { depth: 9 }) + JSON.stringify(config)).not.toContain('hush');
  });

  it('comes from a file beside the configuration, without the line break at its end', () => {
    const { config, said } = withKey('  key_file: secrets/key\n', { files: { 'secrets/key': 'hush\r\n\n' } });
    expect(said).toEqual([]);
    expect(config?.source.key?.reveal()).toBe('hush');
    expect(config?.source.key?.from).toMatch(/config\.yaml:3:13, secrets\/key$/);
  });

  it('is asked for where the source is not the demo', () => {
    expect(withKey('').said).toEqual([
      '2:8: this source needs a key: add "key: ${METASMOKE_KEY}" or "key_file:", or take "url: demo"',
    ]);
  });

  it('cannot be in two places', () => {
    expect(withKey('  key: a\n  key_file: b\n').said).toEqual([
      '4:3: both key and key_file are here: keep one of them',
    ]);
  });

  it.each([
    ['', 'the key is empty'],
    ['two words', 'the key has white space in it'],
    ['two\nlines', 'the key has white space in it'],
    ['naïve', 'the key has characters in it that no key has'],
    ['{"access_token":"x"}', 'this is a whole answer and not the key alone'],
    ['METASMOKE_KEY=x', 'this begins with METASMOKE_KEY='],
  ])('that cannot be one is refused and not shown: %j', (value, wrong) => {
    expect(withKey('  key: "${KEY}"\n', { environment: { KEY: value } }).said).toEqual([
      `3:9: ${wrong} (from \${KEY}): write the key as it was given to you`,
    ]);
    expect(withKey('  key_file: k\n', { files: { k: value } }).said).toEqual([
      expect.stringMatching(new RegExp(`^3:13: /.*/k: ${wrong}: put the key into it, on one line and nothing else$`)),
    ]);
  });

  it('in a file that is not there, is a folder or is huge says so', () => {
    const saidOf = (file: string) => withKey(`  key_file: ${file}\n`).said[0];
    expect(saidOf('nope')).toMatch(/^3:13: \/.*\/nope: the file does not exist: check the path$/);
    expect(saidOf('.')).toMatch(/^3:13: \/.*: this is a folder: name a file in it$/);
    expect(withKey('  key_file: k\n', { files: { k: 'x'.repeat(20_000) } }).said[0]).toMatch(
      /^3:13: \/.*\/k: the file is larger than 16 KiB/,
    );
    expect(withKey('  key_file: ""\n').said).toEqual(['3:14: key_file is empty: name the file that holds it']);
  });

  it('that is written in a file which others can read brings a warning, and the configuration still loads', () => {
    const { config, said } = withKey('  key: hush\n', { mode: 0o644 });
    expect(config?.source.key?.reveal()).toBe('hush');
    expect(said).toEqual([
      '3:8: warning: a key is written here, and others can read this file: chmod 600 it, or write ${…} or key_file instead',
    ]);
    expect(withKey('  key: hush\n', { mode: 0o600 }).said).toEqual([]);
    expect(withKey('  key: ${KEY}\n', { mode: 0o644, environment: { KEY: 'hush' } }).said).toEqual([]);
  });

  it('in a file of its own that others can read brings a warning', () => {
    const folder = folderWith({
      'config.yaml':
        'source: { url: "wss://a.b/cable", key_file: k }\nsubscriptions: [{ events: posts, rooms: "console:x" }]\n',
      k: 'hush',
    });
    chmodSync(join(folder, 'k'), 0o640);
    mkdirSync(join(folder, 'x'));
    const { config, problems } = loadConfig(join(folder, 'config.yaml'), {}, extensions);
    expect(config).not.toBeNull();
    expect(problems).toMatchObject([
      {
        severity: 'warning',
        line: 1,
        wrong: `others can read ${folder}/k (mode 0640)`,
        right: `chmod 600 ${folder}/k`,
      },
    ]);
  });

  it('that is a number must be quoted and is not repeated', () => {
    expect(withKey('  key: 123456789012345678901\n').said).toEqual(['3:8: "key" is a number: put it in quotes']);
  });

  it('is in no message, whatever is wrong around it', () => {
    const environment = { KEY: 'hush-hush' };
    const texts = [
      'source: { url: "https://example.org/?key=${KEY}", name: "${KEY} x", quiet_after: "${KEY}", payload_limit: "${KEY}", models: ["${KEY}"] }',
      'rooms: { a: "${KEY}", b: { to: "matrix:${KEY}", timezone: "${KEY}" } }',
      'store: "${KEY}"',
      'store: { url: "sqlite:${KEY}/x/y", keep: "${KEY}" }',
      'subscriptions: [{ events: "${KEY}", rooms: "${KEY}", where: "${KEY} ${KEY} == hush-hush", template: "${KEY}", id: " ${KEY}" }]',
      'chats: { matrix: { homeserver: "${KEY}", token: "${KEY} x", invite: ["${KEY}:"] } }',
      'hub: { host: "${KEY} x", port: "${KEY}" }',
      'source: { url: "wss://user:${KEY}@example.org/cable", key_file: "${KEY}" }',
    ];
    for (const text of texts) {
      const { said } = read(text, { environment });
      expect(said.length).toBeGreaterThan(1);
      expect(said.join('\n')).not.toContain('hush-hush');
    }
  });
});
