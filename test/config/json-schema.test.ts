import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { extensions } from '../../src/command-line/extensions.ts';
import { configKeys } from '../../src/config/keys.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { jsonSchemaOf } from '../../src/config/shape.ts';
import { folderWith } from './config-files.ts';

it('describes the keys of a configuration for editors', () => {
  const schema = JSON.parse(JSON.stringify(jsonSchemaOf(configKeys(extensions))));
  expect(schema).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    required: ['source'],
    additionalProperties: false,
    properties: {
      source: {
        required: ['url'],
        properties: { quiet_after: { type: 'string', description: expect.stringContaining('Default: 15m') } },
      },
    },
  });
  expect(Object.keys(schema.properties)).toEqual([
    'source',
    'store',
    'chats',
    'adapters',
    'rooms',
    'subscriptions',
    'commands',
    'operators',
    'greet',
    'priority',
    'derived',
    'hub',
    'metrics',
    'ca_file',
    'log_level',
    'reload',
  ]);
});

it('takes the example, and marks a key that there is not', () => {
  const example: unknown = parse(readFileSync('config.example.yaml', 'utf8'));
  const isGood = new Ajv({ strict: false }).compile(jsonSchemaOf(configKeys(extensions)));
  expect([isGood(example), isGood.errors]).toEqual([true, null]);
  expect(isGood({ ...(example as object), soruce: {} })).toBe(false);
});

describe('an adapter of another package', () => {
  const ntfy = { adapters: 'lookout-adapter-ntfy', chats: { ntfy: { server: 'https://a.org' } } };
  const file = fileURLToPath(new URL('../../examples/lookout-adapter-ntfy/index.js', import.meta.url));
  const source = { url: 'demo' };
  const isGood = new Ajv({ strict: false }).compile(jsonSchemaOf(configKeys(extensions)));

  it('may have keys that the schema cannot know, if the configuration names one', () => {
    expect(isGood({ source, ...ntfy, chats: { ntfy: ntfy.chats.ntfy, console: null } })).toBe(true);
    expect(isGood({ source, ...ntfy, chats: { ntfy: 'a text' } })).toBe(false);
    expect(isGood({ source, ...ntfy, chats: { matrix: { hoemserver: 'https://a.org' } } })).toBe(false);
    expect(isGood({ source, chats: { discrod: { token: 'a' } } })).toBe(false);
    expect(isGood({ source, chats: null })).toBe(true);
  });

  it('has its keys in the schema that `check --schema` prints beside the configuration', () => {
    const folder = folderWith({ 'config.yaml': JSON.stringify({ source, adapters: file }) });
    const { platforms } = loadConfig(join(folder, 'config.yaml'), {}, extensions);
    const withKeys = new Ajv({ strict: false }).compile(jsonSchemaOf(configKeys({ ...extensions, platforms })));
    expect(withKeys({ source, ...ntfy, chats: { ntfy: { server: 'https://a.org' } } })).toBe(true);
    expect(withKeys({ source, ...ntfy, chats: { ntfy: { sevrer: 'https://a.org' } } })).toBe(false);
  });
});
