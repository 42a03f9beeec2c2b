import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkOnline, findingLines, findingsCode } from '../../src/command-line/check-online.ts';
import { extensions } from '../../src/command-line/extensions.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { type Hub, startHub } from '../../src/hub/hub.ts';
import { silentLog } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { systemClock } from '../../src/time/clock.ts';
import { type DiscordDouble, fakeDiscordToken, startDiscordDouble } from '../support/discord/double.ts';
import { type MetasmokeApiDouble, startMetasmokeApi } from '../support/metasmoke-api.ts';

const key = 'a-key-of-the-test';
let folder: string;
let hub: Hub;
let discord: DiscordDouble;
let api: MetasmokeApiDouble;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-online-'));
  const parts = { clock: systemClock, log: silentLog, catalogue: createCatalogue() };
  hub = await startHub({ port: 0, keys: [new Secret(key, 'the test')], ...parts });
  discord = await startDiscordDouble({ clock: systemClock });
  api = await startMetasmokeApi(key);
});
afterEach(async () => {
  await Promise.all([hub.stop(), discord.stop(), api.stop()]);
  rmSync(folder, { recursive: true });
});

async function online(given: string, room: string, apiLine = '') {
  const file = join(folder, 'config.yaml');
  const text = `
source: { url: "${hub.url}", key: ${given}${apiLine} }
chats: { discord: { token: ${fakeDiscordToken}, api: "${discord.url}" } }
rooms: { smoke: "discord:${room}", here: console:here }
subscriptions: [{ events: posts#create, rooms: [smoke, here] }]
`;
  writeFileSync(file, text, { mode: 0o600 });
  const { config, problems } = loadConfig(file, {}, extensions);
  if (config === null) throw new Error(JSON.stringify(problems));
  return checkOnline({ config, joins: false, ...extensions });
}

it('says that the key is accepted, who the bot is, and that it may speak in its rooms', async () => {
  const found = await online(key, discord.createChannel(), `, api: "${api.url}"`);
  expect(found.map(({ mark, about }) => [mark, about])).toEqual([
    ['ok', 'source'],
    ['ok', 'API'],
    ['ok', 'discord'],
    ['ok', 'smoke'],
  ]);
  expect(found[0]?.text).toMatch(/the key is accepted \(from .*config\.yaml:2/);
});

it('says that the key is rejected, and where it is from', async () => {
  const found = await online('another-key', discord.createChannel());
  expect(found[0]).toMatchObject({
    mark: 'no',
    about: 'source',
    text: expect.stringContaining('the key is rejected (from'),
  });
  expect(findingsCode(found)).toBe(1);
});

it('prints a line for each finding; notes alone are no failure', async () => {
  const found = await online(key, discord.createChannel({ without: ['EmbedLinks'] }));
  expect(findingLines(found)).toMatch(
    /^ok {4}source {3}.*\nok {4}discord {2}the bot .*\nok {4}smoke {4}#.*\nnote {2}smoke {4}lacks Embed Links.*\n$/,
  );
  expect(findingsCode(found)).toBe(0);
});

/** Creates a channel whose id another double has not given: on Discord no two have one. */
function createOther(double: DiscordDouble, taken: readonly string[]): string {
  const id = double.createChannel();
  return taken.includes(id) ? createOther(double, taken) : id;
}

it('asks each account about its own rooms', async () => {
  const token = `${fakeDiscordToken.slice(0, -1)}x`;
  const other = await startDiscordDouble({ clock: systemClock, token });
  try {
    const file = join(folder, 'config.yaml');
    const smoke = discord.createChannel();
    const spam = createOther(other, [smoke]);
    const text = `
source: { url: demo }
chats: { discord: [{ token: ${fakeDiscordToken}, api: "${discord.url}" }, { name: eu, token: ${token}, api: "${other.url}" }] }
rooms: { smoke: "discord:${smoke}", spam: { to: "discord:${spam}", account: eu } }
subscriptions: [{ events: posts#create, rooms: [smoke, spam] }]
`;
    writeFileSync(file, text, { mode: 0o600 });
    const { config } = loadConfig(file, {}, extensions);
    const found = await checkOnline({ config: config!, joins: false, ...extensions });
    expect(found.map(({ mark, about }) => [mark, about])).toEqual([
      ['ok', 'source'],
      ['ok', 'discord'],
      ['ok', 'smoke'],
      ['ok', 'discord/eu'],
      ['ok', 'spam'],
    ]);
  } finally {
    await other.stop();
  }
});
