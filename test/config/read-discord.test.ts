// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${NAME}` is what a configuration says
import { describe, expect, it } from 'vitest';
import type { DiscordSettings } from '../../src/adapters/discord/settings.ts';
import type { Config } from '../../src/config/config.ts';
import { read } from './config-files.ts';

const rest = 'source: { url: demo }\nstore: memory\nsubscriptions: [{ events: posts, rooms: "console:x" }]\n';
const good = `${'MTIzNDU2Nzg5MDEyMzQ1Njc4'}.GabcdE.${'x'.repeat(38)}`;
const discord = (keys: string, token = good) =>
  read(`chats: { discord: { ${keys} } }\n${rest}`, { environment: { T: token } });

/** The settings of a configuration that was read. */
const chatOf = (config: Config | null) => config?.chats.discord as DiscordSettings | undefined;

describe('chats.discord', () => {
  it('is a bot: its token, and where the API is', () => {
    const { config, said } = discord('token: "${T}"');
    expect(said).toEqual([]);
    expect(chatOf(config)?.api).toBe('https://discord.com/api');
    expect(chatOf(config)?.token.reveal()).toBe(good);
  });

  it.each([
    ['https://proxy.example.org/discord/', 'https://proxy.example.org/discord'],
    ['http://127.0.0.1:8080/api/v10', 'http://127.0.0.1:8080/api'],
  ])('takes %s as another API', (api, kept) => {
    const { config, said } = discord(`token: "\${T}", api: "${api}"`, 'any-token');
    expect(said).toEqual([]);
    expect(chatOf(config)?.api).toBe(kept);
  });

  it.each([
    ['{}', '1:19: Discord needs a bot token: add "token: ${DISCORD_TOKEN}" or "token_file:"'],
    ['token: "$T"', '1:29: $T is not replaced without braces: write ${T}'],
    ['token: "${T}", api: discord.com', '1:41: "api" is not a web address: write https://discord.com'],
    [
      'token: "${T}", api: "https://a.b/api?x=1"',
      '1:42: "api" has more than a host and a path in it: write https://a.b/api',
    ],
    ['token: "${T}", guild: 1', '1:36: unknown key "guild": did you mean "guilds"?'],
  ])('is refused: %s', (keys, message) => {
    const { config, said } = discord(keys === '{}' ? '' : keys);
    expect(config).toBeNull();
    expect(said).toEqual([message]);
  });

  it('may name the servers where commands are registered', () => {
    const { config, said } = discord('token: "${T}", guilds: ["123456789012345678", "123456789012345678"]');
    expect(said).toEqual([]);
    expect(chatOf(config)?.guilds).toEqual(['123456789012345678']);
    expect(chatOf(discord('token: "${T}"').config)?.guilds).toEqual([]);
  });

  it.each([
    [
      'guilds: charcoal',
      '"charcoal" is not a Discord server: write its id in quotes: with Developer Mode on, right-click the server, Copy Server ID',
    ],
    [
      'guilds: "https://discord.com/channels/123456789012345678/1"',
      '"https://discord.com/channels/123456789012345678/1" is not a Discord server: write "123456789012345678"',
    ],
  ])('says what is wrong in %s', (keys, message) => {
    expect(discord(`token: "\${T}", ${keys}`).said).toEqual([expect.stringContaining(message)]);
  });

  it('with something else than a token brings a warning that does not show it', () => {
    const { config, said } = discord('token: "${T}"', 'aClientSecretFromTheWrongPage0');
    expect(config).not.toBeNull();
    expect(said).toEqual([
      expect.stringMatching(/^1:29: warning: this does not look like the token of a bot, .*Reset Token$/),
    ]);
    expect(said.join()).not.toContain('aClientSecret');
  });
});
