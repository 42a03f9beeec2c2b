// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${NAME}` is what a configuration says

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { extensions } from '../../src/command-line/extensions.ts';
import { check } from '../../src/config/check.ts';
import { folderWith, good, head } from './config-files.ts';

function checked(text: string, environment = {}) {
  const file = join(folderWith({ 'config.yaml': text }), 'config.yaml');
  const { lines, ...rest } = check(file, environment, extensions);
  return { lines: lines.map((line) => line.replaceAll(file, 'config.yaml')), ...rest };
}

describe('lookout check', () => {
  it('says what is wrong, where, how many there are, and 2', () => {
    const { lines, exitCode, json } = checked(`${head}hub: { prot: 1 }\nxyz: 1\n`);
    expect(lines).toEqual([
      'config.yaml:1:1: warning: there are no subscriptions, so no event is sent to any room: add "subscriptions:" with events and rooms',
      'config.yaml:5:8: unknown key "prot": did you mean "port"?',
      'config.yaml:6:1: unknown key "xyz": keys at the top are source, store, chats, adapters, rooms, subscriptions, commands, operators, greet, priority, derived, hub, metrics, ca_file, log_level, reload',
      '2 errors, 1 warning',
    ]);
    expect(exitCode).toBe(2);
    expect(json).toMatchObject({
      errors: 2,
      warnings: 1,
      config: null,
      problems: [{ line: 1 }, { line: 5, column: 8, severity: 'error' }, {}],
    });
  });

  it.each([
    ['roms: { hq: console:hq }\nsubscriptions: [{ events: posts#create, rooms: hq }]', '2:1: unknown key "roms"'],
    ['room: { hq: console:hq }\nsubscriptions: [{ events: posts#create, rooms: hq }]', '2:1: unknown key "room"'],
    [
      'subscriptions: [{ events: posts, rooms: console:hq, hodl: 2m, unless: subject.confirmed }]',
      '2:53: unknown key "hodl"',
    ],
    [
      'chat: { discord: { token: "${T}" } }\nrooms: { a: discord:123456789012345678 }\nsubscriptions: []',
      '2:1: unknown key "chat"',
    ],
    [
      'chats: { discrd: { token: "${T}" } }\nrooms: { a: discord:123456789012345678 }\nsubscriptions: []',
      '2:10: unknown key "discrd"',
    ],
  ])('says of a misspelt key nothing that only follows from it: %s', (text, said) => {
    const { lines } = checked(`source: { url: demo }\n${text}\n`, {
      T: `${'a'.repeat(20)}.${'b'.repeat(6)}.${'c'.repeat(20)}`,
    });
    const errors = lines.filter((line) => /^config.yaml:\d+:\d+: (?!warning)/.test(line));
    expect(errors).toEqual([expect.stringContaining(`config.yaml:${said}`)]);
  });

  it('says which of the templates that ship are replaced', () => {
    const folder = folderWith({ 'config.yaml': good, 'my-templates/post.hbs': 'a', 'my-templates/mine.hbs': 'b' });
    const { lines, json } = check(join(folder, 'config.yaml'), {}, extensions);
    const file = join(folder, 'my-templates/post.hbs');
    expect(lines.filter((line) => line.includes('replaces'))).toEqual([
      `  templates      ${file} replaces Lookout's "post"`,
    ]);
    expect(json).toMatchObject({ config: { templates: { replaced: [{ name: 'post', file }] } } });
  });

  it.each([
    ['"postgres://a@localhost/b"', ''],
    ['"postgres://a@db/b"', ', TLS with the certificate checked'],
    ['"postgres://a@db/b?sslmode=verify-ca"', ', TLS with the certificate checked, but not its name'],
    ['"postgres://a@db/b?sslmode=require"', ', TLS required without a check of the certificate'],
    ['"postgres://a:hush@localhost/b"', ', password from the URL'],
    ['{ url: "postgres://a@localhost/b", password: "${P}" }', ', password from config.yaml:2:53, ${P}'],
    ['{ url: "postgres://a@localhost/b", password_file: p }', ', password from config.yaml:2:58, p'],
  ])('says how a server is reached: %s', (store, said) => {
    const folder = folderWith({ 'config.yaml': `source: { url: demo }\nstore: ${store}\n`, p: 'hush' });
    const file = join(folder, 'config.yaml');
    const line = check(file, { P: 'hush' }, extensions).lines.find((each) => each.startsWith('  store  '));
    const place = `postgres://a@${store.includes('localhost') ? 'localhost' : 'db'}/b`;
    expect(line?.trim().replace(file, 'config.yaml')).toBe(
      `store          ${place}${said}, settled deliveries kept for 30 days`,
    );
  });

  it('says of a good one what it does', () => {
    const { lines, exitCode } = checked(
      'source: { url: "wss://a.b/cable", key: "${K}" }\nstore: { url: memory, keep: 1d }\ngreet: off\noperators: hq\n' +
        'rooms: { hq: { to: console:hq, timezone: Europe/Berlin, quiet: 22:00-07:00 } }\n' +
        'subscriptions:\n  - events: posts;flag_logs#create\n    rooms: [hq, "console:b"]\n    where: >-\n      object.id > 1 &&\n      object.id < 9\n    template: post\n    id: mine\n',
      { K: 'hush' },
    );
    expect(lines).toEqual([
      'config.yaml is good',
      '  source         metasmoke at wss://a.b/cable, key from config.yaml:1:40, ${K}',
      '  API            none, so what is missed is not fetched',
      '  store          memory: nothing is kept when it ends',
      '  rooms          hq = console:hq, times in Europe/Berlin, 1 stretch of quiet hours',
      '                 console:b, times in UTC',
      '  subscriptions  flag_logs#create;posts#create,update → hq, console:b (where object.id > 1 && object.id < 9; template post; id mine)',
      '  requested      flag_logs#create;posts#create,update',
      '  operators      hq',
      '  greet          off',
    ]);
    expect(exitCode).toBe(0);
  });

  it('passes with warnings alone, and says so before what the configuration does', () => {
    const { lines, exitCode } = checked(head);
    expect(lines[1]).toBe('1 warning');
    expect(lines[3]).toBe('config.yaml is good');
    expect(lines.slice(-2)).toEqual(['  requested      nothing', '  operators      the log alone']);
    expect(exitCode).toBe(0);
  });

  it('gives programs the same, without a secret', () => {
    const { json } = checked(good.replace('url: demo', 'url: "wss://a.b/cable", key: hush'));
    expect(JSON.parse(JSON.stringify(json))).toMatchObject({
      errors: 0,
      config: {
        source: { url: 'wss://a.b/cable', events: 'posts#create,update' },
        rooms: [{ name: 'hq', address: 'console:hq' }],
        subscriptions: [{ events: 'posts#create,update', rooms: ['console:hq'] }],
      },
    });
    expect(JSON.stringify(json)).not.toContain('hush');
  });
});
