// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${NAME}` is what a configuration says
import { describe, expect, it } from 'vitest';
import { read } from './config-files.ts';

const environment = { K: 'k' };
const rest = 'store: memory\nsubscriptions: [{ events: posts, rooms: "console:x" }]\n';
const source = (keys: string) => read(`source: { key: "\${K}", ${keys} }\n${rest}`, { environment });

describe('source.url', () => {
  it.each([
    'wss://example.org/cable',
    'ws://127.0.0.1:28080/cable',
    'ws://localhost/cable',
    'ws://[::1]:1/cable',
    'demo',
  ])('may be %s', (url) => {
    const { config, said } = source(`url: "${url}"`);
    expect(said).toEqual([]);
    expect(config?.source.url).toBe(url);
  });

  it.each([
    [
      'https://metasmoke.erwaysoftware.com/cable',
      '"url" is a web address (https://): write wss://metasmoke.erwaysoftware.com/cable',
    ],
    ['http://localhost:3000', '"url" is a web address (http://): write ws://localhost:3000/cable'],
    [
      'wss://example.org/cable?key=abc',
      '"url" has a query (?…) in it: remove it; a key belongs in "key: ${METASMOKE_KEY}"',
    ],
    ['wss://user:abc@example.org/cable', '"url" has a user or password in it: remove what stands before the @'],
    ['wss://example.org/cable#x', '"url" has a # in it: remove it and what follows'],
    ['metasmoke', '"url" is not a WebSocket address: write wss://metasmoke.erwaysoftware.com/cable, or demo'],
    ['ftp://x/', '"url" is not a WebSocket address: write wss://metasmoke.erwaysoftware.com/cable, or demo'],
  ])('may not be %s', (url, message) => {
    const { config, said } = source(`url: "${url}"`);
    expect(config).toBeNull();
    expect(said).toEqual([`1:30: ${message}`]);
    expect(said.join()).not.toContain('abc');
  });

  it('without encryption to another machine, or without a path, brings a warning', () => {
    expect(source('url: "ws://example.org/cable"').said).toEqual([
      '1:30: warning: ws:// to example.org sends the key unencrypted: use wss://example.org/cable',
    ]);
    expect(source('url: "wss://example.org"').said).toEqual([
      '1:30: warning: "url" has no path: metasmoke and the hub listen at wss://example.org/cable',
    ]);
  });
});

describe('the rest of source', () => {
  it('has its defaults', () => {
    expect(source('url: "wss://example.org/cable"').config?.source).toMatchObject({
      name: 'metasmoke',
      payloadLimitBytes: 67_108_864,
      digestAfterMs: 600_000,
      detailsPerMinute: 20,
      quietAfterMs: 900_000,
      models: [],
    });
    expect(source('url: demo').config?.source.name).toBe('demo');
  });

  it.each([
    ['payload_limit: 500kB', { payloadLimitBytes: 500_000 }],
    ['payload_limit: "1.5 MiB"', { payloadLimitBytes: 1_572_864 }],
    ['quiet_after: 90s', { quietAfterMs: 90_000 }],
    ['api: "https://metasmoke.example.org/api/"', { api: 'https://metasmoke.example.org/api' }],
    ['backfill: { max_age: 2h }', { backfillMaxAgeMs: 7_200_000 }],
    ['details: { per_minute: 5 }', { detailsPerMinute: 5 }],
    ['quiet_after: "1.5 hours"', { quietAfterMs: 5_400_000 }],
    ['name: other', { name: 'other' }],
    ['models: [widgets]', { models: ['widgets'] }],
  ])('takes %s', (key, expected) => {
    expect(source(`url: demo, ${key}`).config?.source).toMatchObject(expected);
  });

  it.each([
    ['payload_limit: 64 MB!', '"64 MB!" is not a size'],
    ['payload_limit: "64"', '"64" has no unit'],
    ['payload_limit: 10GiB', '10GiB is too much'],
    ['payload_limit: 1B', '1B is too little'],
    ['quiet_after: soon', '"soon" is not a length of time'],
    ['api: metasmoke.example.org', '"api" is not a web address'],
    ['backfill: { max_age: 60d }', '60d is too much'],
    ['details: { per_minute: 0 }', '0 is out of bounds'],
    ['details: { per_minute: 301 }', '301 is out of bounds'],
    ['quiet_after: "15"', '"15" has no unit'],
    ['quiet_after: "-5m"', '-5m is too little'],
    ['quiet_after: 30d', '30d is too much'],
    ['name: "a b"', '"a b" is not a name for a source'],
    ['models: [Widget]', '"Widget" is not the name of a model'],
  ])('refuses %s', (key, wrong) => {
    const { config, said } = source(`url: demo, ${key}`);
    expect(config).toBeNull();
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(`: ${wrong}: `);
  });
});
