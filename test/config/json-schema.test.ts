import { expect, it } from 'vitest';
import { extensions } from '../../src/command-line/extensions.ts';
import { configKeys } from '../../src/config/keys.ts';
import { jsonSchemaOf } from '../../src/config/shape.ts';

it('describes the keys of a configuration for editors', () => {
  const schema = JSON.parse(JSON.stringify(jsonSchemaOf(configKeys(extensions))));
  expect(schema).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
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
  ]);
});
