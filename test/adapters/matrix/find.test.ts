import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Rig, startRig, unhurried } from './rig.ts';

const bot = '@bot:fake.test';
const key = 'f'.repeat(22);
const hour = 3_600_000;

describe('looking for a message in a Matrix room', () => {
  let rig: Rig;
  let room: string;

  beforeEach(async () => {
    rig = await startRig();
    await rig.adapter.login(unhurried);
    room = rig.homeserver.rooms.create({ members: { [bot]: 'join' } });
  });

  afterEach(() => rig.stop());

  const find = (since = rig.clock.now()) => rig.adapter.find({ room, key, payload: '{}', since }, unhurried);
  const add = (content: Record<string, unknown>, sender = bot, ageMs = 0) =>
    rig.homeserver.rooms.add(room, { type: 'm.room.message', sender, content }, ageMs);
  const marked = { body: 'x', 'lookout.key': key };
  const pages = () => rig.homeserver.seen.filter(({ path }) => path.endsWith('/messages')).length;

  it('finds it by its mark, over several pages', async () => {
    const id = add(marked);
    for (let n = 0; n < 250; n++) add({ body: 'later' });
    expect(await find()).toEqual({ outcome: 'found', platformId: id });
    expect(pages()).toBe(3);
  });

  it('does not believe a mark that somebody else copied', async () => {
    add(marked, '@spammer:elsewhere.test');
    rig.homeserver.next(/\/messages$/, {
      status: 200,
      body: { chunk: [{ sender: '@spammer:elsewhere.test', event_id: '$copy', content: marked }] },
    });
    expect(await find()).toEqual({ outcome: 'absent' });
  });

  it('finds what another account of ours sent, and no message of anybody else', async () => {
    const request = { room, key, payload: '{}', since: rig.clock.now(), author: '@other:fake.test' };
    add(marked);
    expect(await rig.adapter.find(request, unhurried)).toEqual({ outcome: 'absent' });
    const id = add(marked, '@other:fake.test');
    expect(await rig.adapter.find(request, unhurried)).toEqual({ outcome: 'found', platformId: id });
  });

  it('finds it by the transaction id where a moderator took its text away', async () => {
    const unsigned = { transaction_id: key };
    const id = rig.homeserver.rooms.add(room, { type: 'm.room.message', sender: bot, content: marked, unsigned });
    rig.homeserver.rooms.redact(room, id);
    expect(await find()).toEqual({ outcome: 'found', platformId: id });
  });

  it('does not take one of ours that cannot be read for another message', async () => {
    const content = { algorithm: 'm.megolm.v1.aes-sha2', session_id: 's', ciphertext: 'AwgAEg' };
    rig.homeserver.rooms.add(room, { type: 'm.room.encrypted', sender: bot, content });
    expect(await find()).toMatchObject({
      outcome: 'unreadable',
      reason: expect.stringMatching(/^1 encrypted message/),
    });
    const later = rig.clock.now() + 3 * hour;
    expect(await rig.adapter.find({ room, key, payload: '{}', since: later }, unhurried)).toEqual({
      outcome: 'absent',
    });
  });

  it('reads through pages on which there is nothing of ours', async () => {
    const id = add(marked);
    for (let n = 0; n < 150; n++) add({ body: 'chatter' }, '@other:fake.test');
    expect(await find()).toEqual({ outcome: 'found', platformId: id });
  });

  it('allows for clocks that differ, and stops at what is certainly older', async () => {
    const id = add(marked, bot, hour - 60_000);
    add({ body: 'between' }, bot, hour / 2);
    add({ body: 'newer' });
    expect(await find()).toEqual({ outcome: 'found', platformId: id });

    room = rig.homeserver.rooms.create({ members: { [bot]: 'join' } });
    add({ body: 'first' }, bot, 3 * hour);
    for (let n = 0; n < 250; n++) add({ body: 'old' }, bot, 2 * hour);
    const before = pages();
    expect(await find()).toEqual({ outcome: 'absent' });
    expect(pages() - before).toBe(1);
  });

  it('gives up rather than guess where a room never ends', async () => {
    for (let page = 0; page < 51; page++) {
      rig.homeserver.next(/\/messages$/, { status: 200, body: { chunk: [], end: `t${page}` } });
    }
    expect(await find()).toMatchObject({ outcome: 'unreadable' });
    expect(pages()).toBe(50);
  });

  it.each([
    ['that it was put out of', { status: 403, body: { errcode: 'M_FORBIDDEN', error: 'no' } }],
    ['that is gone', { status: 404, body: { errcode: 'M_NOT_FOUND', error: 'no' } }],
  ])('cannot read a room %s', async (_, answer) => {
    rig.homeserver.next(/\/messages$/, answer);
    expect(await find()).toMatchObject({ outcome: 'unreadable' });
  });

  it.each([
    ['limits us', { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 6_000 } }],
    ['fails', { status: 500 }],
    ['is a proxy', { status: 404, body: '<html>' }],
    ['loses the connection', { lost: 'before' }],
    ['does not know us any more', { status: 401, body: { errcode: 'M_UNKNOWN_TOKEN' } }],
  ] as const)('tries again later where the server %s', async (_, answer) => {
    add(marked);
    rig.homeserver.next(/\/messages$/, answer);
    expect(await find()).toMatchObject({ outcome: 'later', waitMs: expect.any(Number) });
    expect(await find()).toMatchObject({ outcome: 'found' });
  });
});
