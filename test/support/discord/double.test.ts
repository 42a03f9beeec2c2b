import { REST } from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DiscordDouble, startDiscordDouble } from './double.ts';

let double: DiscordDouble;
let rest: REST;
let channel: string;

beforeEach(async () => {
  double = await startDiscordDouble();
  rest = new REST({ api: double.url, version: '10', retries: 0 }).setToken(double.bot.token);
  channel = double.createChannel();
});

afterEach(async () => {
  rest.clearHashSweeper();
  rest.clearHandlerSweeper();
  await double.stop();
});

const post = (body: object, to = channel) => rest.post(`/channels/${to}/messages`, { body }) as Promise<{ id: string }>;

describe('the double of Discord', () => {
  it('tells the bot who it is', async () => {
    expect(await rest.get('/users/@me')).toMatchObject({ id: double.bot.id, bot: true });
  });

  it('knows another token from its own', async () => {
    rest.setToken('wrong');
    await expect(rest.get('/users/@me')).rejects.toMatchObject({ status: 401 });
  });

  it('keeps messages and gives them back newest first', async () => {
    const first = await post({ content: 'one' });
    const second = await post({ content: 'two' });
    expect(double.messages(channel).map(({ content }) => content)).toEqual(['one', 'two']);
    const read = (await rest.get(`/channels/${channel}/messages`)) as { id: string }[];
    expect(read.map(({ id }) => id)).toEqual([second.id, first.id]);
  });

  it('makes one message of a nonce that is enforced', async () => {
    const form = { content: 'once', nonce: 'n'.repeat(22), enforce_nonce: true };
    const first = await post(form);
    expect(await post(form)).toEqual(first);
    expect(double.messages(channel)).toHaveLength(1);
  });
});
