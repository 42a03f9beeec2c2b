import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { body, type Rig, reading, startRig, unhurried } from './rig.ts';

const key = 'f'.repeat(22);
const hour = 3_600_000;
const html = '<html><body>nginx</body></html>';

describe('looking for a message in a Discord room', () => {
  let rig: Rig;
  let room: string;

  beforeEach(async () => {
    rig = await startRig();
    await rig.adapter.login(unhurried);
    room = rig.discord.createChannel();
  });

  afterEach(() => rig.stop());

  const find = (since = rig.clock.now(), payload = body('x', key)) =>
    rig.adapter.find({ room, key, since, payload }, unhurried);
  async function add(content: string, mark = ''): Promise<string> {
    const sent = await rig.adapter.send({ room, key, payload: body(content, mark) }, unhurried);
    expect(sent.outcome).toBe('sent');
    return (sent as { platformId: string }).platformId;
  }
  const pages = () => rig.asked(reading).length;
  /** What a page may hold that the double would not make by itself. */
  const entry = (id: string, author: string, mark: string) => ({
    id,
    author: { id: author },
    content: JSON.parse(body('x', mark)).content,
    embeds: [],
  });

  it('finds it on the first page, though hundreds came after it', async () => {
    const started = rig.clock.now();
    await add('before');
    const id = await add('it', key);
    for (let n = 0; n < 250; n++) await add('later');
    await rig.clock.advance(5 * 60_000);
    expect(await find(started)).toEqual({ outcome: 'found', platformId: id });
    expect(pages()).toBe(1);
  });

  it('finds it on the third page, too', async () => {
    for (let n = 0; n < 250; n++) await add('before');
    const id = await add('it', key);
    expect(await find()).toEqual({ outcome: 'found', platformId: id });
    expect(pages()).toBe(3);
  });

  it('finds what it sent by the mark that it gave it, with embeds and without', async () => {
    for (const without of [[], ['EmbedLinks']] as const) {
      room = rig.discord.createChannel({ without });
      await rig.adapter.resolve(room, unhurried);
      const message = {
        title: [{ kind: 'text', text: 'title' } as const],
        url: null,
        color: null,
        body: [],
        fields: [],
        footer: null,
        image: null,
        link: 'https://metasmoke.erwaysoftware.com/post/1',
      };
      const payload = rig.adapter.format(message, key, room);
      const sent = await rig.adapter.send({ room, key, payload }, unhurried);
      expect(sent.outcome).toBe('sent');
      expect(await find(rig.clock.now(), payload)).toEqual({
        outcome: 'found',
        platformId: expect.stringMatching(/^\d+$/),
      });
    }
  });

  it('allows for clocks that differ, and does not read what is certainly older', async () => {
    for (let n = 0; n < 120; n++) await add('long ago');
    await rig.clock.advance(2 * hour);
    const id = await add('it', key);
    await rig.clock.advance(hour - 60_000);
    expect(await find()).toEqual({ outcome: 'found', platformId: id });
    await rig.clock.advance(hour);
    const before = pages();
    expect(await find()).toEqual({ outcome: 'absent' });
    expect(pages() - before).toBe(1);
  });

  it('says absent of one that was deleted', async () => {
    const id = await add('it', key);
    await add('another', `${key}x`);
    rig.discord.deleteMessage(room, id);
    expect(await find()).toEqual({ outcome: 'absent' });
  });

  it('does not believe a mark that somebody else copied', async () => {
    const id = await add('other');
    rig.discord.next(reading, { status: 200, body: [entry(`${BigInt(id) + 5n}`, '42424242424242424', key)] });
    expect(await find()).toEqual({ outcome: 'absent' });
  });

  it('finds its own among the messages of others that carry its mark', async () => {
    const id = BigInt(await add('other'));
    const page = [
      entry(`${id + 3n}`, '42424242424242424', key),
      entry(`${id + 2n}`, rig.discord.bot.id, key),
      entry(`${id + 1n}`, '42424242424242424', key),
    ];
    rig.discord.next(reading, { status: 200, body: page });
    expect(await find()).toEqual({ outcome: 'found', platformId: `${id + 2n}` });
  });

  it('finds what another account of ours sent, and no message of anybody else', async () => {
    const other = '123456789012345678';
    const request = { room, key, since: rig.clock.now(), payload: body('x', key), author: other };
    await add('ours now', key);
    expect(await rig.adapter.find(request, unhurried)).toEqual({ outcome: 'absent' });
    const page = [entry('1400000000000000000', other, key)];
    rig.discord.next(reading, { status: 200, body: page });
    expect(await rig.adapter.find(request, unhurried)).toEqual({ outcome: 'found', platformId: page[0]?.id });
  });

  it('never says absent of a room that it may not read, which Discord shows as empty', async () => {
    await add('it', key);
    rig.discord.setPermissions(room, ['ReadMessageHistory']);
    expect(await find()).toEqual({ outcome: 'unreadable', reason: 'the bot lacks Read Message History there' });
    expect(pages()).toBe(0);
    rig.discord.setPermissions(room, []);
    expect(await find()).toMatchObject({ outcome: 'found' });
  });

  it('notices that it lost the permission in the middle', async () => {
    for (let n = 0; n < 150; n++) await add('before');
    await add('it', key);
    const reached = rig.discord.arrival(reading);
    const result = find();
    await reached;
    rig.discord.setPermissions(room, ['ReadMessageHistory']);
    expect(await result).toMatchObject({ outcome: 'unreadable' });
  });

  it('reads on in a room to which it may not send any more', async () => {
    const id = await add('it', key);
    rig.discord.setPermissions(room, ['SendMessages']);
    expect(await find()).toEqual({ outcome: 'found', platformId: id });
  });

  it('does not look for what has no mark', async () => {
    expect(await find(rig.clock.now(), body('x', key))).toEqual({ outcome: 'absent' });
    const before = rig.discord.seen.length;
    expect(await find(rig.clock.now(), body('x'))).toMatchObject({ outcome: 'unreadable' });
    expect(rig.discord.seen.length).toBe(before);
  });

  it('gives up rather than guess where a room never ends', async () => {
    const id = BigInt(await add('first'));
    for (let page = 1n; page <= 51n; page++)
      rig.discord.next(reading, { status: 200, body: [entry(`${id + page}`, '42424242424242424', '')] });
    expect(await find()).toMatchObject({ outcome: 'unreadable' });
    expect(pages()).toBe(50);
  });

  it('does not go round in circles with a server that does', async () => {
    const id = await add('it');
    rig.discord.always(reading, { status: 200, body: [entry(id, rig.discord.bot.id, '')] });
    expect(await find()).toEqual({ outcome: 'absent' });
    expect(pages()).toBe(2);
  });

  it.each([
    ['that it cannot see', { status: 403, body: { code: 50001, message: 'Missing Access' } }],
    ['that is gone', { status: 404, body: { code: 10003, message: 'Unknown Channel' } }],
  ])('cannot read a room %s', async (_, answer) => {
    for (const match of [reading, /^GET \/channels\/\d+$/]) {
      rig.discord.next(match, answer);
      expect(await find()).toMatchObject({
        outcome: 'unreadable',
        reason: expect.stringContaining(answer.body.message),
      });
    }
  });

  it.each([
    ['limits us', { status: 429, body: { code: 0, message: 'slow', retry_after: 6, global: false } }],
    ['fails', { status: 500, body: html }],
    ['is a proxy', { status: 404, body: html }],
    ['answers with something that is no list', { status: 200, body: {} }],
    ['loses the connection', { lost: 'before' }],
    ['ends in the middle', { half: true }],
  ] as const)('tries again later where the server %s', async (_, answer) => {
    await add('it', key);
    for (const match of [reading, /^GET \/channels\/\d+$/, /^GET \/guilds\/\d+$/]) {
      rig.discord.next(match, answer);
      const result = await find();
      expect(result).toMatchObject({ outcome: 'later' });
      expect((result as { waitMs: number }).waitMs).toBeGreaterThanOrEqual(1_000);
      expect(await find()).toMatchObject({ outcome: 'found' });
    }
  });

  it('goes on where a limit stopped it, instead of from the start', async () => {
    for (let n = 0; n < 450; n++) await add('before');
    const id = await add('it', key);
    rig.discord.limits = { perChannel: 2, perMs: 1_000, globalPerSecond: 1_000 };
    const outcomes = [];
    for (let n = 0; n < 4; n++) {
      const result = await find(rig.clock.now() - n * 2_000);
      outcomes.push(result);
      if (result.outcome === 'found') break;
      await rig.clock.advance(2_000);
    }
    expect(outcomes).toMatchObject([{ outcome: 'later' }, { outcome: 'later' }, { outcome: 'found', platformId: id }]);
    expect(pages()).toBe(5);
  });
});
