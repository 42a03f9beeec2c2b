import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTalk, type Talk } from './talk.ts';

let talk: Talk;

beforeEach(async () => {
  talk = await startTalk();
});
afterEach(() => talk.double.stop());

const refused = (status: number, code: number) => ({ status, body: { code, message: expect.any(String) } });
const read = (channel: string) => talk.ask('GET', `/channels/${channel}`);
const withEmbed = { embeds: [{ title: 't' }] };

describe('channels', () => {
  it.each([
    ['text', 0],
    ['announcement', 5],
    ['thread', 11],
    ['dm', 1],
    ['voice', 2],
  ] as const)('of kind %s accept messages', async (kind, type) => {
    const channel = talk.double.createChannel({ kind });
    expect(await read(channel)).toMatchObject({ status: 200, body: { id: channel, type } });
    expect((await talk.post(channel, { content: 'x', ...withEmbed })).status).toBe(200);
    expect((await read(channel)).body.last_message_id).toBe(talk.double.messages(channel)[0]?.id);
  });

  it.each([
    ['forum', 15],
    ['category', 4],
  ] as const)('of kind %s accept no messages', async (kind, type) => {
    const channel = talk.double.createChannel({ kind });
    expect((await read(channel)).body.type).toBe(type);
    expect(await talk.post(channel, 'x')).toMatchObject(refused(400, 50008));
    expect((await talk.ask('GET', `/channels/${channel}/messages`)).body).toEqual([]);
  });

  it('that do not exist, or that are not ids, are refused', async () => {
    const channel = talk.double.createChannel();
    talk.double.deleteChannel(channel);
    expect(await read(channel)).toMatchObject(refused(404, 10003));
    expect(await talk.post(channel, 'x')).toMatchObject(refused(404, 10003));
    expect(await read('general')).toMatchObject(refused(400, 50035));
  });

  it('show nothing to a bot that may not view them', async () => {
    const channel = talk.double.createChannel({ without: ['ViewChannel'] });
    expect(await read(channel)).toMatchObject(refused(403, 50001));
    expect(await talk.post(channel, 'x')).toMatchObject(refused(403, 50001));
    talk.double.setPermissions(channel, []);
    expect((await talk.post(channel, 'x')).status).toBe(200);
  });

  it('require the permission to send, in a thread another one, and a third for embeds', async () => {
    const { double } = talk;
    const channel = double.createChannel({ without: ['SendMessages'] });
    expect(await talk.post(channel, 'x')).toMatchObject(refused(403, 50013));
    double.setPermissions(channel, ['SendMessagesInThreads']);
    expect((await talk.post(channel, 'x')).status).toBe(200);
    double.setPermissions(channel, ['EmbedLinks']);
    expect(await talk.post(channel, withEmbed)).toMatchObject(refused(403, 50013));
    expect((await talk.post(channel, 'x')).status).toBe(200);
    const thread = double.createChannel({ kind: 'thread', without: ['SendMessages'] });
    expect((await talk.post(thread, 'x')).status).toBe(200);
    double.setPermissions(thread, ['SendMessagesInThreads']);
    expect(await talk.post(thread, 'x')).toMatchObject(refused(403, 50013));
  });

  it('show an empty history to a bot that may not read it', async () => {
    const channel = talk.double.createChannel({ without: ['ReadMessageHistory'] });
    const { body } = await talk.post(channel, 'x');
    expect(await talk.ask('GET', `/channels/${channel}/messages`)).toMatchObject({ status: 200, body: [] });
    expect((await talk.ask('GET', `/channels/${channel}/messages/${body.id}`)).status).toBe(403);
    const reply = { content: 'y', message_reference: { message_id: body.id } };
    expect(await talk.post(channel, reply)).toMatchObject(refused(400, 160002));
  });

  it('that are threads wake up by a message, unless they are locked', async () => {
    const archived = talk.double.createChannel({ kind: 'thread', archived: true });
    expect((await read(archived)).body.thread_metadata).toMatchObject({ archived: true, locked: false });
    expect((await talk.post(archived, 'x')).status).toBe(200);
    expect((await read(archived)).body.thread_metadata.archived).toBe(false);
    const locked = talk.double.createChannel({ kind: 'thread', locked: true });
    expect(await talk.post(locked, 'x')).toMatchObject(refused(403, 160005));
    const both = talk.double.createChannel({ kind: 'thread', archived: true, locked: true });
    expect(await talk.post(both, 'x')).toMatchObject(refused(400, 50083));
  });

  it('in slow mode take one message at a time', async () => {
    const channel = talk.double.createChannel({ slowmodeSeconds: 30 });
    expect((await read(channel)).body.rate_limit_per_user).toBe(30);
    expect((await talk.post(channel, 'x')).status).toBe(200);
    await talk.clock.advance(10_000);
    expect(await talk.post(channel, 'y')).toMatchObject({ status: 429, body: { code: 20016, retry_after: 20 } });
    await talk.clock.advance(20_000);
    expect((await talk.post(channel, 'y')).status).toBe(200);
  });

  it('combine roles and overwrites into the permissions of the bot: none of them alone is sufficient', async () => {
    const { double, ask } = talk;
    const { guild_id, permission_overwrites } = (await read(double.createChannel())).body;
    const guild = (await ask('GET', `/guilds/${guild_id}`)).body;
    const member = (await ask('GET', `/guilds/${guild_id}/members/${double.bot.id}`)).body;
    const sendMessages = 1n << 11n;
    const may = (text: string) => (BigInt(text) & sendMessages) !== 0n;
    const [everyone, role] = guild.roles;
    expect(everyone.id).toBe(guild_id);
    expect(may(everyone.permissions)).toBe(false);
    expect(member.roles).toEqual([role.id]);
    expect(may(role.permissions)).toBe(true);
    expect(
      permission_overwrites.map(({ id, deny, allow }: Record<string, string>) => [id, may(deny!), may(allow!)]),
    ).toEqual([
      [guild_id, true, false],
      [role.id, false, true],
      [double.bot.id, false, false],
    ]);
    expect((await ask('GET', `/guilds/${guild_id}/roles`)).body).toEqual(guild.roles);
  });

  it('have a thread under an existing channel', async () => {
    const thread = (await read(talk.double.createChannel({ kind: 'thread', without: ['EmbedLinks'] }))).body;
    const parent = (await read(thread.parent_id)).body;
    expect(parent).toMatchObject({ type: 0, guild_id: thread.guild_id, permission_overwrites: expect.any(Array) });
    expect(thread).not.toHaveProperty('permission_overwrites');
  });

  it('report other guilds and members as unknown', async () => {
    const { guild_id } = (await read(talk.double.createChannel())).body;
    expect(await talk.ask('GET', '/guilds/1')).toMatchObject(refused(404, 10004));
    expect(await talk.ask('GET', `/guilds/${guild_id}/members/1`)).toMatchObject(refused(404, 10007));
    expect(await talk.ask('GET', '/gateway/bot')).toMatchObject({ status: 200, body: { shards: 1 } });
  });
});
