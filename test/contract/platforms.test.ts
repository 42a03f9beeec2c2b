// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${NAME}` is what a configuration says
import { expect, it } from 'vitest';
import { type PlatformCase, platformContract } from '../../src/adapters/contract/contract.ts';
import { platforms } from '../../src/adapters/platforms.ts';
import { hook } from '../adapters/hook/platform.ts';
import { runner } from './runner.ts';

const botToken = `${'m'.repeat(24)}.Gabcde.${'x'.repeat(38)}`;
const cases: Readonly<Record<string, PlatformCase>> = {
  discord: {
    settings: '{ token: "${BOT}" }',
    environment: { BOT: botToken },
    mention: 'discord:123456789012345678',
    message: ['https://discord.com/channels/1/2/345', '345'],
  },
  matrix: {
    settings: '{ homeserver: "https://a.b", token: "${TOKEN}" }',
    environment: { TOKEN: 'a-secret-token' },
    mention: '@you:example.org',
    message: ['https://matrix.to/#/!room:example.org/%24event?via=a', '$event'],
  },
  console: { settings: null, environment: {}, mention: null, message: null },
  hook: {
    settings: '{ url: "https://a.b" }',
    environment: {},
    mention: '~ann',
    message: ['https://hook.test/m1', 'm1'],
  },
};

const all = [...platforms, hook];

it('every platform of the list keeps the contract', () => {
  expect(Object.keys(cases)).toEqual(all.map(({ name }) => name));
});
for (const platform of all) platformContract(runner, platform, cases[platform.name]!, all);
