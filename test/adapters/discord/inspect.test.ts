import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspectDiscord } from '../../../src/adapters/discord/inspect.ts';
import { directNetwork } from '../../../src/http/network.ts';
import { silentLog } from '../../../src/log.ts';
import { Secret } from '../../../src/secrets/secret.ts';
import { type DiscordDouble, fakeDiscordToken, startDiscordDouble } from '../../support/discord/double.ts';
import { createTestClock } from '../../support/test-clock.ts';

let discord: DiscordDouble;
const clock = createTestClock();
beforeEach(async () => {
  discord = await startDiscordDouble({ clock });
});
afterEach(async () => {
  // Nothing is sent, and nothing is changed.
  expect(discord.seen.every(({ method }) => method === 'GET')).toBe(true);
  await discord.stop();
});

function inspect(rooms: readonly string[], token = fakeDiscordToken) {
  const forum = { title: '{title}', tags: ['spam'] };
  const settings = { api: discord.url, token: new Secret(token, 'the test'), guilds: [], form: 'top', forum } as const;
  const parts = {
    joins: false,
    network: directNetwork,
    clock,
    log: silentLog,
    stored: { tokens: async () => null, hasIdentity: async () => false },
  };
  return inspectDiscord(settings, { ...parts, rooms, signal: new AbortController().signal });
}

describe('how the bot stands on Discord', () => {
  it('names the bot, the channel, and what it may do there', async () => {
    const room = discord.createChannel();
    const { account, rooms } = await inspect([room]);
    expect(account).toEqual({ mark: 'ok', text: expect.stringMatching(/^the bot \S+ \(\d+\)$/) });
    expect(rooms.get(room)).toEqual([
      { mark: 'ok', text: expect.stringMatching(/^#.* on .*: may speak, embed, read back$/) },
    ]);
  });

  it('says what is missing, what comes of that, and who can change it', async () => {
    const room = discord.createChannel({ without: ['EmbedLinks', 'AddReactions'] });
    const { rooms } = await inspect([room]);
    const [may, embeds, reactions] = rooms.get(room) ?? [];
    expect(may?.text).toMatch(/: may speak, read back$/);
    expect(embeds).toEqual({
      mark: 'note',
      text: expect.stringMatching(/^lacks Embed Links: messages are plain text.*Manage Roles/),
    });
    expect(reactions?.text).toMatch(/^lacks Add Reactions/);
  });

  it('says that a channel takes no messages, or is not there', async () => {
    const [silent, gone] = [discord.createChannel({ without: ['SendMessages'] }), discord.createChannel()];
    discord.deleteChannel(gone);
    const { rooms } = await inspect([silent, gone]);
    expect(rooms.get(silent)).toEqual([
      { mark: 'no', text: expect.stringMatching(/the bot lacks Send Messages.*Manage Roles on/) },
    ]);
    expect(rooms.get(gone)).toEqual([{ mark: 'no', text: expect.stringContaining('there is no such channel') }]);
  });

  it('says that the token is refused, and asks about no room then', async () => {
    const room = discord.createChannel();
    const { account, rooms } = await inspect([room], `${fakeDiscordToken}x`);
    expect(account).toEqual({ mark: 'no', text: expect.stringContaining('401') });
    expect([rooms.size, discord.seen.length]).toEqual([0, 1]);
  });

  it('does not take silence for a no', async () => {
    const room = discord.createChannel();
    discord.next(/^GET \/channels\//, { status: 503 });
    expect((await inspect([room])).rooms.get(room)).toEqual([
      { mark: 'unclear', text: expect.stringContaining('503') },
    ]);
  });
});
