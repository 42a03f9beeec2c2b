import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SendAction } from '../../../src/adapters/adapter.ts';
import { body, posting, type Rig, startRig, unhurried } from './rig.ts';

const reacting = /^PUT \/channels\/\d+\/messages\/\d+\/reactions\//;
const editing = /^PATCH /;

describe('a reaction on Discord', () => {
  let rig: Rig;
  let room: string;
  let first: string;

  beforeEach(async () => {
    rig = await startRig();
    await rig.adapter.login(unhurried);
    room = rig.discord.createChannel();
    await rig.adapter.resolve(room, unhurried);
    first = await say('first');
  });

  afterEach(() => rig.stop());

  async function say(text: string): Promise<string> {
    const result = await rig.adapter.send({ room, key: text, payload: body(text) }, unhurried);
    return (result as { platformId: string }).platformId;
  }
  const send = (payload: string, action: SendAction) =>
    rig.adapter.send({ room, key: 'k', payload, action }, unhurried);
  const react = (emoji = '✅', target = first) => send(emoji, { kind: 'react', target });

  it('has the message and the emoji as its id, and is taken away by it', async () => {
    expect(await react('👍🏽')).toEqual({ outcome: 'sent', platformId: `${first}:👍🏽` });
    const custom = await react('blob:12345678901234567');
    expect(custom).toEqual({ outcome: 'sent', platformId: `${first}:blob:12345678901234567` });
    expect(rig.asked(reacting)[0]?.path).toBe(
      `/channels/${room}/messages/${first}/reactions/%F0%9F%91%8D%F0%9F%8F%BD/@me`,
    );
    await send('', { kind: 'redact', target: `${first}:blob:12345678901234567` });
    expect(rig.discord.reactions(room, first)).toEqual(['👍🏽']);
  });

  it.each(['', ' ', '.', '..', '\ud83d', 'no emoji', '../../../../users/@me', '@'])(
    'that is none is rejected, and the room goes on: %j',
    async (emoji) => {
      const result = await react(emoji);
      expect(result).toMatchObject({ outcome: 'rejected', reason: expect.stringMatching(/./) });
      expect(result).not.toHaveProperty('target');
      expect(await react()).toMatchObject({ outcome: 'sent' });
    },
  );

  it.each<[string, number, number, object]>([
    ['the message is gone', 404, 10008, { outcome: 'rejected', target: 'gone' }],
    ['the emoji is unknown', 404, 10014, { outcome: 'rejected' }],
    ['there are too many', 400, 30010, { outcome: 'rejected' }],
    ['the author blocked the bot', 403, 90001, { outcome: 'rejected' }],
    ['the channel is gone', 404, 10003, { outcome: 'rejected' }],
    ['Discord fails', 500, 0, { outcome: 'unknown' }],
  ])('where %s', async (_, status, code, expected) => {
    rig.discord.next(reacting, { status, body: { code, message: 'because' } });
    const result = await react();
    expect(result).toMatchObject({ ...expected, reason: expect.stringContaining('because') });
    expect('target' in result).toBe('target' in expected);
  });

  it('is not believed where something else than Discord answers', async () => {
    rig.discord.next(reacting, { status: 200, body: {} });
    expect(await react()).toMatchObject({ outcome: 'unknown' });
    rig.discord.next(reacting, { status: 200, body: '<html></html>' });
    expect(await react()).toMatchObject({ outcome: 'unknown' });
  });

  it('breaks no room in which the bot may write but not react', async () => {
    rig.discord.setPermissions(room, ['AddReactions']);
    expect(await react()).toMatchObject({ outcome: 'rejected', reason: expect.stringContaining('50013') });
    rig.discord.setPermissions(room, ['SendMessages', 'AddReactions']);
    expect(await react()).toMatchObject({ outcome: 'roomBroken' });
  });

  it('waits with those to all messages of a channel for one limit, which is not for new messages', async () => {
    const second = await say('second');
    rig.discord.limits = { perChannel: 1, perMs: 5_000, globalPerSecond: 1_000 };
    expect(await react('✅', first)).toMatchObject({ outcome: 'sent' });
    expect(await react('❌', second)).toMatchObject({ outcome: 'notAccepted', scope: 'change' });
    expect(rig.asked(reacting)).toHaveLength(1);
  });

  it.each<[number, number, string]>([
    [404, 10008, 'gone'],
    [429, 30046, 'tooOld'],
  ])('and an edit say what is wrong with the message: %i %i', async (status, code, target) => {
    rig.discord.next(editing, { status, body: { code, message: 'because' } });
    expect(await send(body('x'), { kind: 'edit', target: first })).toMatchObject({ outcome: 'rejected', target });
    // A nonce whose message was deleted: that says nothing of the one that is replied to.
    rig.discord.next(posting, { status, body: { code, message: 'because' } });
    expect(await send(body('x'), { kind: 'reply', target: first })).not.toHaveProperty('target');
  });
});

describe('a reply on Discord', () => {
  it('comes as a message like any other where the bot may not read the room, or the other is gone', async () => {
    const rig = await startRig();
    await rig.adapter.login(unhurried);
    const room = rig.discord.createChannel();
    const reply = (payload: string, target: string) =>
      rig.adapter.send({ room, key: payload, payload, action: { kind: 'reply', target } }, unhurried);
    expect(await reply(body('a'), '1')).toMatchObject({ outcome: 'sent' });
    const [first] = rig.discord.messages(room);
    rig.discord.setPermissions(room, ['ReadMessageHistory']);
    expect(await reply(body('b'), first?.id ?? '')).toMatchObject({ outcome: 'sent' });
    rig.discord.setPermissions(room, []);
    expect(await reply(body('c'), first?.id ?? '')).toMatchObject({ outcome: 'sent' });
    const references = rig.discord.messages(room).map(({ message_reference }) => message_reference?.message_id);
    expect(references).toEqual([undefined, undefined, first?.id]);
    expect(JSON.parse(rig.asked(posting).at(-1)?.body ?? '')).toMatchObject({
      allowed_mentions: { parse: [], replied_user: false },
      message_reference: { message_id: first?.id, fail_if_not_exists: false },
    });
    await rig.stop();
  });
});
