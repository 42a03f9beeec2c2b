import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChannelOptions, Permission } from '../../support/discord/double.ts';
import { type Rig, startRig, unhurried } from './rig.ts';

const html = '<html><body>nginx</body></html>';
const message = (text: string) => ({
  title: [{ kind: 'text', text } as const],
  url: null,
  color: null,
  body: [],
  fields: [],
  footer: null,
  image: null,
  link: null,
});

describe('resolving a Discord room', () => {
  let rig: Rig;

  beforeEach(async () => {
    rig = await startRig();
    await rig.adapter.login(unhurried);
  });

  afterEach(() => rig.stop());

  const resolve = (address: string) => rig.adapter.resolve(address, unhurried);
  const create = (options?: ChannelOptions) => rig.discord.createChannel(options);
  const embedsIn = (room: string) =>
    Array.isArray(JSON.parse(rig.adapter.format(message('hello'), 'k'.repeat(22), room)).embeds);
  /** Changes what the next answer of a route says. */
  const say = (match: RegExp, body: unknown) => rig.discord.next(match, { status: 200, body });

  it.each(['text', 'announcement', 'thread', 'dm'] as const)('takes a %s by its id', async (kind) => {
    const room = create({ kind });
    expect(await resolve(room)).toEqual({ outcome: 'resolved', address: room });
    expect(rig.said).toEqual([]);
  });

  it('says what to name instead of a category', async () => {
    const reason = expect.stringMatching(/^it is a category, .*name one of its channels$/);
    expect(await resolve(create({ kind: 'category' }))).toEqual({ outcome: 'roomBroken', reason });
  });

  it.each([
    [3, /a group of direct messages/],
    [14, /a directory/],
  ])('says so of type %i too', async (type, reason) => {
    const room = create();
    say(/^GET \/channels\//, { id: room, type, guild_id: '10000000000000000' });
    expect(await resolve(room)).toEqual({ outcome: 'roomBroken', reason: expect.stringMatching(reason) });
  });

  it.each([
    '',
    'general',
    '#general',
    '<#123456789012345678>',
    '1234',
    '123456789012345678/../@me',
    '１２３４５６７８９０１２３４５６７８',
  ])('asks nobody about an address like "%s"', async (address) => {
    const before = rig.discord.seen.length;
    expect(await resolve(address)).toMatchObject({ outcome: 'roomBroken', reason: expect.stringMatching(/the id of/) });
    expect(rig.discord.seen.length).toBe(before);
  });

  it('knows a channel that is not there', async () => {
    const room = create();
    rig.discord.deleteChannel(room);
    expect(await resolve(room)).toEqual({
      outcome: 'roomBroken',
      reason: 'there is no such channel or thread (404 10003: Unknown Channel)',
    });
  });

  it.each<[ChannelOptions['kind'], Permission[], RegExp]>([
    ['text', ['ViewChannel'], /the bot cannot see the channel.*50001/],
    ['text', ['SendMessages'], /^the bot lacks Send Messages: allow that .* in the settings of the channel$/],
    ['text', ['SendMessages', 'EmbedLinks'], /^the bot lacks Send Messages:/],
    ['announcement', ['SendMessages'], /^the bot lacks Send Messages:/],
    [
      'thread',
      ['SendMessagesInThreads'],
      /^the bot lacks Send Messages in Threads: .*the channel that the thread is in$/,
    ],
  ])('names what the bot lacks in a %s without %j', async (kind, without, reason) => {
    const room = create({ ...(kind ? { kind } : {}), without });
    expect(await resolve(room)).toEqual({ outcome: 'roomBroken', reason: expect.stringMatching(reason) });
  });

  it('needs no Send Messages in a thread, and no Send Messages in Threads elsewhere', async () => {
    const thread = create({ kind: 'thread', without: ['SendMessages'] });
    const text = create({ without: ['SendMessagesInThreads'] });
    expect(await resolve(thread)).toMatchObject({ outcome: 'resolved' });
    expect(await resolve(text)).toMatchObject({ outcome: 'resolved' });
  });

  it('needs to be allowed to join a voice channel', async () => {
    const room = create({ kind: 'voice' });
    expect(await resolve(room)).toMatchObject({ reason: expect.stringMatching(/^the bot lacks Connect:/) });
  });

  it('works again once the permission is back', async () => {
    const room = create({ without: ['SendMessages'] });
    expect(await resolve(room)).toMatchObject({ outcome: 'roomBroken' });
    rig.discord.setPermissions(room, []);
    expect(await resolve(room)).toMatchObject({ outcome: 'resolved' });
  });

  it('takes an archived thread, which opens by itself, but no locked one', async () => {
    expect(await resolve(create({ kind: 'thread', archived: true }))).toMatchObject({ outcome: 'resolved' });
    expect(await resolve(create({ kind: 'thread', locked: true }))).toEqual({
      outcome: 'roomBroken',
      reason: 'the thread is locked: unlock it, or let the bot manage threads',
    });
  });

  it('says until when the bot is timed out', async () => {
    const until = new Date(rig.clock.now() + 60_000).toISOString();
    say(/^GET \/guilds\/\d+\/members\//, { roles: [], communication_disabled_until: until });
    expect(await resolve(create())).toEqual({
      outcome: 'roomBroken',
      reason: `the bot is timed out on this server until ${until}: end its time-out`,
    });
  });

  it('knows an owner, whom no channel can deny anything', async () => {
    const room = create({ without: ['SendMessages', 'EmbedLinks'] });
    say(/^GET \/guilds\/\d+$/, { id: '1', owner_id: rig.discord.bot.id, roles: [] });
    expect(await resolve(room)).toMatchObject({ outcome: 'resolved' });
    expect(embedsIn(room)).toBe(true);
  });

  it('shows plain text where Embed Links is missing, and says so once', async () => {
    const room = create({ without: ['EmbedLinks'] });
    const other = create();
    for (const each of [room, room, other]) expect(await resolve(each)).toMatchObject({ outcome: 'resolved' });
    expect([embedsIn(room), embedsIn(other)]).toEqual([false, true]);
    expect(rig.said).toEqual([
      expect.stringMatching(/^warn the bot lacks Embed Links in Discord room \d+: plain text/),
    ]);
    rig.discord.setPermissions(room, []);
    await resolve(room);
    expect(embedsIn(room)).toBe(true);
    expect(rig.said.at(-1)).toMatch(/^info the bot may show embeds in Discord room \d+ now/);
  });

  it('says once that it could not look for a message there', async () => {
    const room = create({ without: ['ReadMessageHistory'] });
    for (let n = 0; n < 2; n++) expect(await resolve(room)).toMatchObject({ outcome: 'resolved' });
    expect(rig.said).toEqual([expect.stringMatching(/^warn the bot lacks Read Message History/)]);
  });

  it.each<[string, RegExp]>([
    ['the channel', /^GET \/channels\//],
    ['the server', /^GET \/guilds\/\d+$/],
    ['the bot as a member', /^GET \/guilds\/\d+\/members\//],
  ])('decides nothing where %s cannot be read', async (_, match) => {
    const room = create();
    const answers = [
      { status: 502, body: html },
      { status: 404, body: html },
      { status: 403, body: html },
      { status: 429, body: html },
      {
        status: 429,
        body: { message: 'slow', retry_after: 4, global: false },
        headers: { 'x-ratelimit-scope': 'user' },
      },
      { status: 200, body: html },
      { status: 200, body: {} },
      { status: 200, body: [] },
      { lost: 'before' } as const,
      { half: true } as const,
    ];
    for (const answer of answers) {
      rig.discord.next(match, answer);
      expect(await resolve(room)).toMatchObject({ outcome: 'later', waitMs: expect.any(Number) });
    }
    expect(await resolve(room)).toMatchObject({ outcome: 'resolved' });
  });

  it('knows a server that the bot was put out of', async () => {
    rig.discord.next(/^GET \/guilds\/\d+\/members\//, {
      status: 404,
      body: { message: 'Unknown Member', code: 10007 },
    });
    expect(await resolve(create())).toMatchObject({
      reason: expect.stringMatching(/^the bot is not on the server: invite it/),
    });
  });

  it('tells of a broken account', async () => {
    const room = create();
    rig.discord.revoke();
    expect(await resolve(room)).toMatchObject({ outcome: 'accountBroken' });
  });
});
