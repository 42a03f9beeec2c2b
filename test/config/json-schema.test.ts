import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { extensions } from '../../src/command-line/extensions.ts';
import { configKeys } from '../../src/config/keys.ts';
import { jsonSchemaOf } from '../../src/config/shape.ts';

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
