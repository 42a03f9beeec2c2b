import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SendAction } from '../../../src/adapters/adapter.ts';
import type { Message } from '../../../src/render/message.ts';
import { body, posting, type Rig, startRig, unhurried } from './rig.ts';

const key = 'k'.repeat(22);
const opening = /^POST \/channels\/\d+\/messages\/\d+\/threads$/;
const link = 'https://metasmoke.erwaysoftware.com/post/1';

function titled(title: string): Message {
  const titleText = title === '' ? null : ([{ kind: 'text', text: title }] as const);
  return { title: titleText, url: null, color: null, body: [], fields: [], footer: null, image: null, link };
}

describe('a thread on Discord', () => {
  let rig: Rig;
  let room: string;
  let first: string;

  beforeEach(async () => {
    rig = await startRig();
    await rig.adapter.login(unhurried);
    await enter(rig.discord.createChannel());
  });

  afterEach(() => rig.stop());

  async function enter(channel: string) {
    room = channel;
    await rig.adapter.resolve(room, unhurried);
    const result = await rig.adapter.send({ room, key: 'f', payload: body('first') }, unhurried);
    first = (result as { platformId: string }).platformId;
  }
  const send = (payload = body('second', key), action: SendAction = { kind: 'thread', target: first }, sendKey = key) =>
    rig.adapter.send({ room, key: sendKey, payload, action }, unhurried);
  const inRoom = () => rig.discord.messages(room).slice(1);
  const opened = () => rig.asked(opening).length;
  const warnings = () => rig.said.filter((line) => line.includes('no message gets into a thread'));

  it('is opened once, with the title of what comes first as its name', async () => {
    const message = titled('**not bold** `a_b` <@42424242424242424> https://evil.example/ ~~x~~ 😀');
    const result = await send(rig.adapter.format(message, key, room));
    expect(JSON.parse(rig.asked(opening)[0]?.body ?? '')).toEqual({
      name: '**not bold** `a_b` <@42424242424242424> https://evil.example/ ~~x~~ 😀',
    });
    const [shown] = rig.discord.messages(first);
    expect(result).toEqual({ outcome: 'sent', platformId: `${first}/${shown?.id}` });
    expect(await send(body('third'), { kind: 'thread', target: first }, 'other')).toMatchObject({ outcome: 'sent' });
    expect(opened()).toBe(1);
    expect(inRoom()).toEqual([]);
  });

  it.each([
    ['a long one', 'word '.repeat(60), /^(?:word )+word…$/],
    ['emoji without end', '😀'.repeat(200), /^😀+…$/u],
    ['none', '', /^Updates$/],
  ])('is named within the limit: %s', async (_, title, name) => {
    await send(rig.adapter.format(titled(title), key, room));
    const written = JSON.parse(rig.asked(opening)[0]?.body ?? '').name;
    expect(written).toMatch(name);
    expect(written.length).toBeLessThanOrEqual(100);
  });

  it('that is there already is used, after a restart too', async () => {
    await send();
    await rig.adapter.stop();
    const anew = await startRig({ api: rig.discord.url });
    await anew.adapter.login(unhurried);
    const request = { room, key, payload: body('third'), action: { kind: 'thread', target: first } as const };
    expect(await anew.adapter.send(request, unhurried)).toMatchObject({ outcome: 'sent' });
    expect(opened()).toBe(2);
    expect(rig.discord.messages(first)).toHaveLength(2);
    await anew.stop();
  });

  it('is not there for a message that is gone', async () => {
    rig.discord.deleteMessage(room, first);
    expect(await send()).toMatchObject({ outcome: 'rejected', target: 'gone' });
    expect(inRoom()).toEqual([]);
  });

  it.each([
    ['the bot may open none', () => ({ without: ['CreatePublicThreads'] }) as const],
    ['the room is a thread', () => ({ kind: 'thread' }) as const],
    ['the room is a conversation', () => ({ kind: 'dm' }) as const],
  ])('gives way to a reply where %s, which is said once', async (_, options) => {
    await enter(rig.discord.createChannel(options()));
    for (const n of ['a', 'b']) expect(await send(body(n), undefined, n)).toMatchObject({ outcome: 'sent' });
    expect(rig.discord.messages(room).slice(1)).toMatchObject([
      { content: 'a', message_reference: { message_id: first } },
      { content: 'b', message_reference: { message_id: first } },
    ]);
    expect(opened()).toBe(1);
    expect(warnings()).toHaveLength(1);
  });

  it('is tried again after a while, when the bot may open one', async () => {
    rig.discord.setPermissions(room, ['CreatePublicThreads']);
    await send(body('a'), undefined, 'a');
    rig.discord.setPermissions(room, []);
    await rig.clock.advance(10 * 60_000);
    await send(body('b'), undefined, 'b');
    expect(rig.discord.messages(first)).toMatchObject([{ content: 'b' }]);
  });

  it('that somebody else opened is used, though the bot may open none', async () => {
    await send(body('a'), undefined, 'a');
    await rig.adapter.stop();
    rig.discord.setPermissions(room, ['CreatePublicThreads']);
    const anew = await startRig({ api: rig.discord.url });
    await anew.adapter.login(unhurried);
    const request = { room, key, payload: body('b'), action: { kind: 'thread', target: first } as const };
    expect(await anew.adapter.send(request, unhurried)).toMatchObject({ outcome: 'sent' });
    expect(rig.discord.messages(first)).toHaveLength(2);
    await anew.stop();
  });

  it.each([
    ['is locked', () => rig.discord.setLocked(first, true)],
    ['was deleted', () => rig.discord.deleteChannel(first)],
  ])('that %s gives way to a reply', async (_, happen) => {
    await send(body('a'), undefined, 'a');
    happen();
    expect(await send(body('b', key))).toMatchObject({ outcome: 'sent' });
    expect(inRoom()).toMatchObject([{ message_reference: { message_id: first } }]);
  });

  it('that was locked after a message got in, whose answer was lost, shows it once', async () => {
    await send(body('a'), undefined, 'a');
    rig.discord.next(posting, { lost: 'done' });
    expect(await send()).toMatchObject({ outcome: 'unknown' });
    rig.discord.setLocked(first, true);
    expect(await send()).toMatchObject({ outcome: 'sent', platformId: expect.stringMatching(`^${first}/`) });
    expect(inRoom()).toEqual([]);
  });

  it('takes nothing away from a room that is broken', async () => {
    rig.discord.setPermissions(room, ['SendMessages', 'SendMessagesInThreads']);
    expect(await send()).toMatchObject({ outcome: 'roomBroken', reason: expect.stringContaining('Send Messages') });
  });

  it.each([
    ['a limit', { status: 429, body: { code: 0, message: 'slow', retry_after: 6, global: false } }, 'notAccepted'],
    ['a failure', { status: 502, body: '<html>' }, 'notAccepted'],
    ['a lost connection', { lost: 'before' }, 'notAccepted'],
    ['a broken account', { status: 401, body: { code: 0, message: '401: Unauthorized' } }, 'accountBroken'],
  ] as const)('waits where %s keeps it from being opened', async (_, answer, outcome) => {
    rig.discord.next(opening, answer);
    expect(await send()).toMatchObject({ outcome });
    expect(rig.asked(posting)).toHaveLength(1);
    await rig.adapter.login(unhurried);
    expect(await send()).toMatchObject({ outcome: 'sent', platformId: expect.stringMatching(`^${first}/`) });
  });

  it('is where its messages are looked for, and then the room, since one may have come there instead', async () => {
    const find = () =>
      rig.adapter.find(
        { room, key, payload: body('x', key), since: rig.clock.now(), action: { kind: 'thread', target: first } },
        unhurried,
      );
    rig.discord.setPermissions(room, ['CreatePublicThreads']);
    const instead = await send();
    expect(await find()).toEqual({ outcome: 'found', platformId: (instead as { platformId: string }).platformId });
    await rig.clock.advance(10 * 60_000);
    rig.discord.setPermissions(room, []);
    rig.discord.deleteMessage(room, (instead as { platformId: string }).platformId);
    expect(await find()).toEqual({ outcome: 'absent' });
    const result = await send();
    expect(await find()).toEqual({ outcome: 'found', platformId: (result as { platformId: string }).platformId });
    rig.discord.next(/^GET \/channels\/\d+$/, { status: 502, body: '<html>' });
    expect(await find()).toMatchObject({ outcome: 'later' });
  });

  it('that is gone takes its messages along, which says nothing of the room', async () => {
    const id = ((await send()) as { platformId: string }).platformId;
    const reaction = await send('✅', { kind: 'react', target: id });
    expect(reaction).toEqual({ outcome: 'sent', platformId: `${id}:✅` });
    rig.discord.deleteChannel(first);
    expect(await send(body('x'), { kind: 'edit', target: id })).toMatchObject({ outcome: 'rejected', target: 'gone' });
    expect(await send('✅', { kind: 'react', target: id })).toMatchObject({ outcome: 'rejected', target: 'gone' });
    expect(await send('', { kind: 'redact', target: `${id}:✅` })).toMatchObject({ outcome: 'sent' });
  });
});
