import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeDiscordToken } from '../../support/discord/double.ts';
import { until } from '../../support/until.ts';
import { body, posting, type Rig, startRig, unhurried } from './rig.ts';

const html = '<html><body>nginx</body></html>';
const key = 'k'.repeat(22);
const message = {
  title: null,
  url: null,
  color: null,
  body: [{ kind: 'paragraph', children: [{ kind: 'text', text: 'hello' }] }],
  fields: [],
  footer: null,
  image: null,
  link: 'https://metasmoke.erwaysoftware.com/post/1',
} as const;

describe('sending to Discord', () => {
  let rig: Rig;
  let room: string;

  beforeEach(async () => {
    rig = await startRig();
    await rig.adapter.login(unhurried);
    room = rig.discord.createChannel();
    await rig.adapter.resolve(room, unhurried);
  });

  afterEach(() => rig.stop());

  const send = (payload = body('hello'), signal = unhurried) => rig.adapter.send({ room, key, payload }, signal);
  const refuse = (status: number, code: number, headers = {}, more = {}) =>
    rig.discord.next(posting, { status, headers, body: { code, message: 'because', ...more } });

  it('sends the stored bytes as JSON, to version 10, as the bot', async () => {
    const payload = '{"content":"as stored: ä € 😀",  "flags":4}';
    const result = await send(payload);
    expect(rig.asked(posting)).toMatchObject([
      {
        path: `/channels/${room}/messages`,
        body: payload,
        headers: { 'content-type': 'application/json', authorization: `Bot ${fakeDiscordToken}` },
      },
    ]);
    const [shown] = rig.discord.messages(room);
    expect(result).toEqual({ outcome: 'sent', platformId: shown?.id });
  });

  it('shows once what is sent twice with its nonce, and twice after Discord forgot it', async () => {
    const payload = rig.adapter.format(message, key, room);
    const first = await send(payload);
    expect(await send(payload)).toEqual(first);
    await rig.clock.advance(rig.adapter.idempotentForMs - 1);
    expect(await send(payload)).toEqual(first);
    await rig.clock.advance(3_600_000);
    expect(await send(payload)).not.toEqual(first);
    expect(rig.discord.messages(room)).toHaveLength(2);
  });

  it.each<[number, number, string]>([
    [404, 10003, 'roomBroken'],
    [403, 50001, 'roomBroken'],
    [403, 50013, 'roomBroken'],
    [403, 0, 'notAccepted'],
    [404, 0, 'notAccepted'],
    [403, 160005, 'roomBroken'],
    [400, 50083, 'roomBroken'],
    [404, 10008, 'rejected'],
    [429, 30046, 'rejected'],
    [413, 40005, 'rejected'],
    [400, 50006, 'rejected'],
    [400, 50035, 'rejected'],
    [400, 200000, 'rejected'],
    [400, 0, 'rejected'],
    [401, 0, 'accountBroken'],
    [403, 40002, 'accountBroken'],
    [500, 0, 'unknown'],
    [503, 130000, 'unknown'],
  ])('takes %i with code %i for %s', async (status, code, outcome) => {
    refuse(status, code);
    const result = await send();
    expect(result).toMatchObject({ outcome, reason: expect.stringContaining('because') });
    expect(rig.asked(posting)).toHaveLength(1);
  });

  it('quotes what Discord finds wrong, and where', async () => {
    const result = await send(JSON.stringify({ content: 'x'.repeat(2_001) }));
    expect(result).toMatchObject({
      outcome: 'rejected',
      reason: expect.stringMatching(/^400 50035: Invalid Form Body content\[BASE_TYPE_MAX_LENGTH\]: .*2000/),
    });
  });

  it.each<[string, object, object, { waitMs: number; scope: string }]>([
    [
      'its own bucket',
      { 'x-ratelimit-scope': 'user', 'retry-after': '3' },
      { retry_after: 2.4, global: false },
      { waitMs: 3_000, scope: 'room' },
    ],
    [
      'a channel’s',
      { 'x-ratelimit-scope': 'shared', 'retry-after': '1337' },
      { retry_after: 1_336.57, global: false },
      { waitMs: 1_337_000, scope: 'room' },
    ],
    [
      'everything',
      { 'x-ratelimit-scope': 'global', 'x-ratelimit-global': 'true', 'retry-after': '65' },
      { retry_after: 64.57, global: true },
      { waitMs: 65_000, scope: 'account' },
    ],
    ['everything, said in the body alone', {}, { retry_after: 2, global: true }, { waitMs: 2_000, scope: 'account' }],
    ['something, not said what', {}, { retry_after: 2, global: false }, { waitMs: 2_000, scope: 'room' }],
    ['an address', {}, {}, { waitMs: 60_000, scope: 'account' }],
    [
      'nothing that would last',
      { 'x-ratelimit-scope': 'user', 'retry-after': '0' },
      { retry_after: 0, global: false },
      { waitMs: 1_000, scope: 'room' },
    ],
  ])('hands a limit on %s to the outbox, at once', async (_, headers, more, expected) => {
    refuse(429, 0, headers, more);
    expect(await send()).toMatchObject({ outcome: 'notAccepted', ...expected });
    expect(rig.clock.pending).toBe(0);
    expect(await send()).toMatchObject({ outcome: 'sent' });
  });

  it.each<[object, number]>([
    [{}, 60_000],
    [{ 'retry-after': '600' }, 600_000],
    [{ 'retry-after': '0' }, 1_000],
  ])('takes a page of Cloudflare’s with 429 and %j for a limit on all rooms', async (headers, waitMs) => {
    rig.discord.next(posting, {
      status: 429,
      headers: { ...headers, 'content-type': 'text/html' },
      body: 'error code: 1015',
    });
    expect(await send()).toMatchObject({ outcome: 'notAccepted', scope: 'account', waitMs });
  });

  it('waits out slow mode', async () => {
    room = rig.discord.createChannel({ slowmodeSeconds: 30 });
    await send(body('first'));
    await rig.clock.advance(10_000);
    expect(await send(body('second'))).toMatchObject({
      outcome: 'notAccepted',
      scope: 'room',
      waitMs: 20_000,
      reason: expect.stringContaining('slowmode'),
    });
    await rig.clock.advance(20_000);
    expect(await send(body('second'))).toMatchObject({ outcome: 'sent' });
  });

  it.each<[string, number, string]>([
    ['account', 404, 'is http://127.0.0.1'],
    ['account', 301, 'is http://127.0.0.1'],
    ['account', 405, 'is http://127.0.0.1'],
    ['account', 401, 'is http://127.0.0.1'],
    ['message', 403, 'a proxy before it'],
    ['message', 400, 'a proxy before it'],
  ])('holds the %s back where something that is not Discord answers %i', async (scope, status, reason) => {
    rig.discord.next(posting, { status, headers: { location: 'http://127.0.0.1:1/' }, body: html });
    expect(await send()).toMatchObject({
      outcome: 'notAccepted',
      scope,
      waitMs: 60_000,
      reason: expect.stringContaining(reason),
    });
    expect(rig.asked(posting)).toHaveLength(1);
    expect(await send()).toMatchObject({ outcome: 'sent' });
  });

  it.each<[string, unknown]>([
    ['no id', {}],
    ['an id that is none', { id: 'x' }],
    ['something that is no JSON', html],
    ['a list', []],
    ['nothing', ''],
  ])('does not believe a 200 with %s', async (_, answer) => {
    rig.discord.next(posting, { status: 200, body: answer });
    expect(await send()).toMatchObject({ outcome: 'unknown' });
  });

  it('does not believe a 204', async () => {
    rig.discord.next(posting, { status: 204, body: null });
    expect(await send()).toMatchObject({ outcome: 'unknown' });
  });

  it('is not confused by errors that are no errors', async () => {
    for (const errors of [null, 7, [], { a: null }, { a: { _errors: null } }, { a: { b: { c: 7 } } }]) {
      refuse(400, 50035, {}, { errors });
      expect(await send()).toMatchObject({ outcome: 'rejected', reason: expect.stringContaining('because') });
    }
  });

  it('names what was taken from it while it ran', async () => {
    rig.discord.setPermissions(room, ['SendMessages']);
    expect(await send()).toEqual({
      outcome: 'roomBroken',
      reason: expect.stringMatching(
        /^the bot lacks Send Messages: .*\(the bot lacks a permission in the channel \(403 50013/,
      ),
    });
  });

  it('shows a message as plain text whose embed is refused, since Embed Links was taken away', async () => {
    const payload = rig.adapter.format(message, key, room);
    expect(JSON.parse(payload).embeds).toHaveLength(1);
    rig.discord.setPermissions(room, ['EmbedLinks']);
    expect(await send(payload)).toMatchObject({
      outcome: 'notAccepted',
      scope: 'room',
      reason: expect.stringContaining('Embed Links'),
    });
    const anew = rig.adapter.format(message, key, room);
    expect(await send(anew)).toMatchObject({ outcome: 'sent' });
    expect(rig.discord.messages(room)).toMatchObject([{ content: expect.stringContaining('hello'), embeds: [] }]);
    expect(rig.discord.previews).toEqual([]);
  });

  it('shows embeds again once they are allowed, without a restart', async () => {
    room = rig.discord.createChannel({ without: ['EmbedLinks'] });
    await rig.adapter.resolve(room, unhurried);
    const asked = () => rig.asked(/^GET \/guilds\/\d+$/).length;
    const before = asked();
    rig.discord.setPermissions(room, []);
    for (let n = 0; n < 3; n++) await send();
    expect(asked()).toBe(before);
    await rig.clock.advance(10 * 60_000);
    for (let n = 0; n < 3; n++) expect(await send()).toMatchObject({ outcome: 'sent' });
    await until(() => rig.said.some((line) => line.includes('may show embeds')));
    expect(asked()).toBe(before + 1);
    expect(JSON.parse(rig.adapter.format(message, key, room)).embeds).toHaveLength(1);
  });

  it('looks at the permissions no more than at what was refused: a failure there changes nothing', async () => {
    refuse(403, 50013);
    rig.discord.next(/^GET \/channels\//, { status: 502, body: html });
    expect(await send()).toMatchObject({ outcome: 'roomBroken', reason: expect.stringContaining('50013') });
  });
});
