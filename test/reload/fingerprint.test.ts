import { describe, expect, it } from 'vitest';
import { extensions } from '../../src/command-line/extensions.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { fingerprintOf } from '../../src/reload/fingerprint.ts';
import { folderWith } from '../config/config-files.ts';

const base = {
  source: '{ url: "wss://a.org/cable", key: a-key }',
  chats: '{ matrix: { homeserver: "https://a.org", token: a-token } }',
  rooms: '{ hq: "matrix:!a:a.org" }',
  subscriptions: '[{ events: "posts#create", rooms: hq, where: "!object.is_fp" }]',
};

/** Returns the fingerprint of a configuration with other or more keys. */
function printOf(
  changes: Readonly<Record<string, string>> = {},
  templates: Readonly<Record<string, string>> = {},
): string {
  const text = Object.entries({ ...base, ...changes }).map(([key, value]) => `${key}: ${value}`);
  const folder = folderWith({ 'config.yaml': text.join('\n'), ...templates });
  const { config, problems } = loadConfig(`${folder}/config.yaml`, {}, extensions);
  if (config === null) throw new Error(JSON.stringify(problems));
  return fingerprintOf(config);
}

describe('the fingerprint of a configuration', () => {
  it('is the same on another machine, with other secrets, and with other comments', () => {
    expect(printOf()).toMatch(/^[\w-]{12}$/);
    const elsewhere = {
      chats: '{ matrix: { homeserver: "https://a.org", token: another-token } } # ours',
      metrics: '{ port: 1234 }',
      log_level: 'debug',
      store: 'memory',
    };
    expect(printOf(elsewhere)).toBe(printOf());
  });

  it.each([
    [{ rooms: '{ hq: "matrix:!b:a.org" }' }],
    [{ rooms: '{ hq: { to: "matrix:!a:a.org", timezone: Europe/Berlin } }' }],
    [{ chats: '{ matrix: { homeserver: "https://a.org", token: a-token, prefix: "?" } }' }],
    [{ subscriptions: '[{ events: "posts#create", rooms: hq, where: "object.is_fp" }]' }],
    [{ subscriptions: '[{ events: "posts#update", rooms: hq, where: "!object.is_fp" }]' }],
    [{ commands: '{ rooms: any }' }],
    [{ operators: 'hq' }],
  ])('is another one with %j', (changes) => {
    expect(printOf(changes)).not.toBe(printOf());
  });

  it('is another one with another template', () => {
    expect(printOf({}, { 'my-templates/post.hbs': 'a new one' })).not.toBe(printOf());
  });
});
