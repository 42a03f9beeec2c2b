import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDiscordAdapter } from '../../../src/adapters/discord/discord-adapter.ts';
import { directNetwork } from '../../../src/http/network.ts';
import { silentLog } from '../../../src/log.ts';
import { Secret } from '../../../src/secrets/secret.ts';
import { fakeDiscordToken } from '../../support/discord/double.ts';
import { createTestClock } from '../../support/test-clock.ts';
import { until } from '../../support/until.ts';
import { body, keptPosition, posting, type Rig, startRig, unhurried } from './rig.ts';

const me = /^GET \/users\/@me$/;
const html = '<html><body>nginx</body></html>';

const adapterOptions = {
  position: keptPosition(),
  network: directNetwork,
  guilds: [],
  form: 'top' as const,
  forum: { title: '{title}', tags: [] },
  shownToAll: false,
  log: silentLog,
};

describe('logging in on Discord', () => {
  let rig: Rig;

  beforeEach(async () => {
    rig = await startRig();
  });

  afterEach(() => rig.stop());

  const login = () => rig.adapter.login(unhurried);

  it('opens no connection before', () => {
    expect(rig.discord.seen).toEqual([]);
  });

  it('says who we are; Discord knows no devices', async () => {
    expect(await login()).toEqual({ outcome: 'ready', account: { id: rig.discord.bot.id, device: null } });
  });

  it('speaks as a bot, with a User-Agent as Discord wants it', async () => {
    await login();
    expect(rig.asked(me)).toMatchObject([
      {
        headers: {
          authorization: `Bot ${fakeDiscordToken}`,
          'user-agent': expect.stringMatching(/^DiscordBot \(https:\/\/\S+, [\d.]+\)/),
        },
      },
    ]);
  });

  it('takes the URL with a slash at its end, too', async () => {
    const adapter = createDiscordAdapter({
      network: directNetwork,
      position: keptPosition(),
      guilds: [],
      form: 'top',
      forum: { title: '{title}', tags: [] },
      shownToAll: false,
      api: `${rig.discord.url}/`,
      token: new Secret(fakeDiscordToken, 'the test'),
      clock: rig.clock,
      log: silentLog,
    });
    expect(await adapter.login(unhurried)).toMatchObject({ outcome: 'ready' });
    await adapter.stop();
  });

  it('says what to do about a token that Discord does not know', async () => {
    rig.discord.revoke();
    expect(await login()).toEqual({
      outcome: 'accountBroken',
      reason:
        '401: Unauthorized (Discord does not know the token: copy a new one from the Bot page of the application; ' +
        'put it in place of the one from the test, and reload)',
    });
  });

  it('reads the token file again when Discord refuses the token, and goes on with the new one', async () => {
    let content = 'old.bot.token';
    const token = new Secret('old.bot.token', 'config.yaml:3:8', { name: 'bot.token', read: () => content });
    const options = { ...adapterOptions, clock: rig.clock };
    const adapter = createDiscordAdapter({ ...options, api: rig.discord.url, token });
    expect(await adapter.login(unhurried)).toMatchObject({
      outcome: 'accountBroken',
      reason: expect.stringContaining('put it into bot.token, which is read again every 5 min'),
    });
    content = fakeDiscordToken;
    expect(await adapter.login(unhurried)).toMatchObject({ outcome: 'ready' });
    await adapter.stop();
  });

  it('uses a token of another bot in the file for the next login alone', async () => {
    let content = 'botA.x.old';
    const token = new Secret('botA.x.old', 'config.yaml:3:8', { name: 'bot.token', read: () => content });
    const options = { ...adapterOptions, clock: rig.clock };
    const adapter = createDiscordAdapter({ ...options, api: rig.discord.url, token });
    rig.discord.next(me, { status: 200, body: { id: rig.discord.bot.id, username: 'A' } });
    expect(await adapter.login(unhurried)).toMatchObject({ outcome: 'ready' });
    const room = rig.discord.createChannel();
    const send = () => adapter.send({ room, key: 'k', payload: body('hello') }, unhurried);
    content = 'botA.x.new';
    expect(await send()).toMatchObject({ outcome: 'accountBroken' });
    expect(token.reveal()).toBe('botA.x.new');
    content = fakeDiscordToken;
    expect(await adapter.login(unhurried)).toMatchObject({ outcome: 'ready' });
    content = 'botB.x.y';
    rig.discord.next(posting, { status: 401, body: { message: '401: Unauthorized', code: 0 } });
    expect(await send()).toMatchObject({
      outcome: 'accountBroken',
      reason: expect.stringContaining('of another bot: the next login is with it'),
    });
    await adapter.stop();
  });

  it('works again after a 401, though discord.js forgot the token over it', async () => {
    rig.discord.next(me, { status: 401, body: { message: '401: Unauthorized', code: 0 } });
    expect(await login()).toMatchObject({ outcome: 'accountBroken' });
    expect(await login()).toMatchObject({ outcome: 'ready' });
  });

  it('asks nothing more after a 401 of a send, until the next login', async () => {
    await login();
    const room = rig.discord.createChannel();
    const send = () => rig.adapter.send({ room, key: 'k', payload: body('hello') }, unhurried);
    rig.discord.next(posting, { status: 401, body: { message: '401: Unauthorized', code: 0 } });
    const refused = await send();
    expect(refused).toMatchObject({ outcome: 'accountBroken' });
    const before = rig.discord.seen.length;
    expect(await send()).toEqual(refused);
    expect(await rig.adapter.resolve(room, unhurried)).toMatchObject({ outcome: 'accountBroken' });
    expect(await rig.adapter.find({ room, key: 'k', payload: body('x', 'k'), since: 0 }, unhurried)).toMatchObject({
      outcome: 'later',
    });
    expect(rig.discord.seen.length).toBe(before);
    expect(await login()).toMatchObject({ outcome: 'ready' });
    expect(await send()).toMatchObject({ outcome: 'sent' });
  });

  it.each<[string, Parameters<Rig['discord']['next']>[1]]>([
    ['fails', { status: 502, body: html }],
    [
      'limits us',
      { status: 429, body: { message: 'slow', retry_after: 3, global: true }, headers: { 'retry-after': '3' } },
    ],
    ['is no Discord', { status: 404, body: html }],
    ['wants a password of its own', { status: 401, body: html }],
    ['does not say who we are', { status: 200, body: {} }],
    ['answers nonsense', { status: 200, body: html }],
    ['sends us elsewhere', { status: 302, headers: { location: 'http://127.0.0.1:1/' }, body: html }],
    ['loses the connection', { lost: 'before' }],
    ['gives half an answer', { half: true }],
  ])('is tried again later where the server %s', async (_, answer) => {
    rig.discord.next(me, answer);
    const result = await login();
    expect(result).toMatchObject({ outcome: 'later', waitMs: expect.any(Number) });
    expect((result as { waitMs: number }).waitMs).toBeGreaterThanOrEqual(1_000);
    expect(rig.discord.seen).toHaveLength(1);
    expect(await login()).toMatchObject({ outcome: 'ready' });
  });

  it('is tried again later where nobody answers within the time-out', async () => {
    rig.discord.next(me, { hangs: true });
    const result = login();
    await rig.discord.arrival(me);
    await rig.clock.advance(29_000);
    expect(await result).toMatchObject({ outcome: 'later', reason: 'no answer within 29 s' });
  });

  it('names the URL that cannot be reached', async () => {
    await rig.discord.stopListening();
    expect(await login()).toMatchObject({
      outcome: 'later',
      reason: expect.stringMatching(
        /^cannot reach http:\/\/127\.0\.0\.1:\d+\/api: nothing listens at that address \(connect ECONNREFUSED/,
      ),
    });
  });

  it('does nothing in a room before', async () => {
    const room = rig.discord.createChannel();
    const send = rig.adapter.send({ room, key: 'k', payload: '{}' }, unhurried);
    expect(await send).toMatchObject({ outcome: 'notAccepted', scope: 'account' });
    expect(await rig.adapter.resolve(room, unhurried)).toMatchObject({ outcome: 'later' });
    expect(await rig.adapter.find({ room, key: 'k', payload: body('x', 'k'), since: 0 }, unhurried)).toMatchObject({
      outcome: 'later',
    });
    expect(rig.discord.seen).toEqual([]);
  });
});

describe('the token', () => {
  it('is in no reason and no log, also where a server says it in its own words, in any place', async () => {
    const token = 'a.b-c/d e"f';
    const echo = createServer((request, response) => {
      const said = `${token} ${encodeURIComponent(token)} ${request.headers.authorization}`;
      const status = Number(request.headers['x-status'] ?? request.url?.match(/\d\d\d$/)?.[0] ?? 400);
      response.writeHead(status, { 'content-type': 'application/json', 'x-ratelimit-scope': said.replace(/\s/g, '') });
      response.end(
        JSON.stringify({
          code: 50035,
          message: said,
          errors: { [token]: { _errors: [{ code: said, message: said }] } },
        }),
      );
    });
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    const said: string[] = [];
    const at = (fields: object, text: string) => void said.push(`${JSON.stringify(fields)} ${text}`);
    const adapter = createDiscordAdapter({
      network: directNetwork,
      position: keptPosition(),
      guilds: [],
      form: 'top',
      forum: { title: '{title}', tags: [] },
      shownToAll: false,
      api: `http://127.0.0.1:${(echo.address() as AddressInfo).port}`,
      token: new Secret(token, 'the test'),
      clock: createTestClock(),
      log: { debug: at, info: at, warn: at, error: at },
    });
    const results = [await adapter.login(unhurried)];
    expect(results).toMatchObject([{ outcome: 'accountBroken', reason: expect.stringContaining('[secret]') }]);
    for (const form of [token, encodeURIComponent(token)]) expect(JSON.stringify([results, said])).not.toContain(form);
    await adapter.stop();
    await new Promise((resolve) => echo.close(resolve));
    await until(() => !process.getActiveResourcesInfo().includes('TCPSocketWrap'));
  });
});
