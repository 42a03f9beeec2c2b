import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/secrets/secret.ts';
import type { StoredTokens } from '../../../src/store/credentials.ts';
import { fakeToken } from '../../support/homeserver.ts';
import { until } from '../../support/until.ts';
import { message, type Rig, startRig, unhurried } from './rig.ts';

const refreshToken = 'syr_refresh_number_1';

/** The store's row, and what happens when it is written. */
interface Stored {
  row: StoredTokens | null;
  fails: boolean;
  /** The requests to the homeserver at each write. */
  readonly seenAtSave: number[];
}

describe('an access token that ends', () => {
  let rig: Rig;
  let stored: Stored;

  afterEach(() => rig.stop());

  /** Starts an adapter; a second one goes on with what the first one stored. */
  async function start(options: Partial<Parameters<typeof startRig>[0]> = {}) {
    stored = { row: null, fails: false, seenAtSave: [] };
    const tokens = { token: new Secret(fakeToken, 'the test'), refreshToken: new Secret(refreshToken, 'the test') };
    const credentials = {
      load: async () => stored.row,
      async save(row: StoredTokens) {
        stored.seenAtSave.push(rig.homeserver.seen.length);
        if (stored.fails) throw new Error('disk full');
        stored.row = row;
      },
    };
    rig = await startRig({ ...tokens, credentials, ...options });
    rig.homeserver.refreshToken = refreshToken;
    return tokens;
  }
  const asked = (match: RegExp) => rig.homeserver.seen.filter(({ method, path }) => match.test(`${method} ${path}`));
  const bearer = (at: number) => rig.homeserver.seen.at(at)?.headers.authorization;

  it('is renewed, and the request made again, once the new tokens are stored', async () => {
    const tokens = await start();
    rig.homeserver.expire();
    expect(await rig.adapter.login(unhurried)).toMatchObject({ outcome: 'ready' });
    expect(asked(/whoami|refresh/).map(({ path }) => path)).toEqual(['/account/whoami', '/refresh', '/account/whoami']);
    expect(stored.row).toMatchObject({ access: 'syt_access_number_2', refresh: 'syr_refresh_number_2', renewAt: null });
    expect(stored.seenAtSave).toEqual([2]);
    expect(tokens.token.values).toEqual([fakeToken, 'syt_access_number_2']);
    expect(tokens.refreshToken.reveal()).toBe('syr_refresh_number_2');
  });

  it('is renewed over OAuth 2.0 if there is a client id', async () => {
    await start({ clientId: '01JCLIENT' });
    rig.homeserver.expire();
    expect(await rig.adapter.login(unhurried)).toMatchObject({ outcome: 'ready' });
    expect(asked(/oauth2|auth_metadata|refresh/).map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v1/auth_metadata',
      'POST /oauth2/token',
    ]);
    expect(stored.row).toMatchObject({ access: 'syt_access_number_2', refresh: 'syr_refresh_number_2' });
  });

  it('finds the OAuth 2.0 server of a homeserver from before Matrix 1.15', async () => {
    await start({ clientId: '01JCLIENT' });
    rig.homeserver.expire();
    rig.homeserver.next(/v1\/auth_metadata/, { status: 404, body: { errcode: 'M_UNRECOGNIZED' } });
    const metadata = { issuer: rig.homeserver.url, token_endpoint: `${rig.homeserver.url}/oauth2/token` };
    rig.homeserver.next(/msc2965\/auth_metadata/, { status: 200, body: metadata });
    expect(await rig.adapter.login(unhurried)).toMatchObject({ outcome: 'ready' });
  });

  it.each([
    [
      'names no OAuth 2.0 server',
      { status: 404, body: { errcode: 'M_UNRECOGNIZED' } },
      'client_id does not belong here',
    ],
    ['names one without https', { status: 200, body: { token_endpoint: 'http://a.test/token' } }, 'with https'],
  ])('is not renewed over OAuth 2.0 if the homeserver %s', async (_, answer, reason) => {
    await start({ clientId: '01JCLIENT' });
    rig.homeserver.expire();
    rig.homeserver.always(/auth_metadata/, answer);
    expect(await rig.adapter.login(unhurried)).toMatchObject({
      outcome: 'accountBroken',
      reason: expect.stringContaining(reason),
    });
    expect(asked(/oauth2/)).toEqual([]);
  });

  it.each([null, '01JCLIENT'])(
    'is renewed before its end, if the server said when that is (client id %s)',
    async (clientId) => {
      await start({ clientId });
      rig.homeserver.expiresInMs = 300_000;
      rig.homeserver.expire();
      await rig.adapter.login(unhurried);
      expect(stored.row?.renewAt).toBe(rig.clock.now() + 270_000);
      await rig.clock.advance(269_000);
      await rig.adapter.login(unhurried);
      expect(asked(/refresh|oauth2/)).toHaveLength(1);
      await rig.clock.advance(1_000);
      await rig.adapter.login(unhurried);
      expect(asked(/refresh|oauth2/)).toHaveLength(2);
      expect(stored.row?.access).toBe('syt_access_number_3');
    },
  );

  it('is renewed once for all requests that need it', async () => {
    await start();
    await rig.adapter.login(unhurried);
    rig.homeserver.expire();
    const answers = await Promise.all([1, 2, 3, 4].map(() => rig.adapter.login(unhurried)));
    expect(answers.map(({ outcome }) => outcome)).toEqual(['ready', 'ready', 'ready', 'ready']);
    expect(asked(/refresh/)).toHaveLength(1);
  });

  it('does not send a message twice: the refused request did nothing', async () => {
    await start();
    await rig.adapter.login(unhurried);
    const room = rig.homeserver.rooms.create({ members: { [rig.homeserver.user]: 'join' } });
    const ended = { errcode: 'M_UNKNOWN_TOKEN', error: 'ended', soft_logout: true };
    rig.homeserver.next(/PUT .*send/, { status: 401, body: ended });
    const payload = rig.adapter.format(message('hello'), 'k1', room);
    expect(await rig.adapter.send({ room, key: 'k1', payload }, unhurried)).toMatchObject({ outcome: 'sent' });
    const puts = asked(/PUT .*send/);
    expect(puts.map(({ path, body }) => path + body)).toEqual([0, 1].map(() => `${puts[0]?.path}${puts[0]?.body}`));
    expect(puts[1]?.headers.authorization).toBe('Bearer syt_access_number_2');
  });

  it('survives a crash between the answer and the write: the old refresh token is good once more', async () => {
    await start();
    rig.homeserver.expire();
    stored.fails = true;
    expect(await rig.adapter.login(unhurried)).toMatchObject({
      outcome: 'later',
      reason: expect.stringContaining('no new one yet: it could not be stored'),
    });
    expect(bearer(-1)).toBeUndefined();
    stored.fails = false;
    await rig.clock.advance(5_000);
    expect(await rig.adapter.login(unhurried)).toMatchObject({ outcome: 'ready' });
    expect(stored.row?.access).toBe('syt_access_number_3');
  });

  it('survives an answer that got lost', async () => {
    await start();
    rig.homeserver.expire();
    rig.homeserver.next(/refresh/, { lost: 'done' });
    expect(await rig.adapter.login(unhurried)).toMatchObject({ outcome: 'later' });
    await rig.clock.advance(5_000);
    expect(await rig.adapter.login(unhurried)).toMatchObject({ outcome: 'ready' });
  });

  it.each([
    ['is away', { status: 503, body: 'down' }],
    ['limits us', { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED' } }],
    ['is a proxy', { status: 403, body: '<html>' }],
    ['says nothing', { status: 200, body: {} }],
  ])('is asked for again if the server %s, not at every request', async (_, answer) => {
    await start();
    rig.homeserver.expire();
    const restore = rig.homeserver.always(/refresh/, answer);
    expect(await rig.adapter.login(unhurried)).toMatchObject({ outcome: 'later' });
    expect(await rig.adapter.login(unhurried)).toMatchObject({ outcome: 'later' });
    expect(asked(/refresh/)).toHaveLength(1);
    restore();
    await rig.clock.advance(5_000);
    expect(await rig.adapter.login(unhurried)).toMatchObject({ outcome: 'ready' });
  });

  it('says what will help if the refresh token is refused, too, without a token in it', async () => {
    await start();
    rig.homeserver.expire();
    rig.homeserver.refreshToken = 'another';
    const result = await rig.adapter.login(unhurried);
    expect(result).toEqual({
      outcome: 'accountBroken',
      reason:
        '401 M_UNKNOWN_TOKEN: [secret] has expired (the homeserver does not know the access token: get a new one; the refresh token was refused, too ' +
        '(401 M_UNKNOWN_TOKEN no such token: [secret]): log the bot in anew; ' +
        'the new access token: put it in place of the one from the test, and reload; ' +
        'the new refresh token: put it in place of the one from the test, and reload; ' +
        'tokens that came over OAuth 2.0 need client_id, too)',
    });
    expect(rig.said.join()).not.toContain(refreshToken);
  });

  it('is the stored one after a restart, as long as the configuration gives the same tokens', async () => {
    await start();
    const first = rig;
    first.homeserver.expire();
    await first.adapter.login(unhurried);
    const row = stored.row!;
    for (const [given, expected] of [
      [refreshToken, 'Bearer syt_access_number_2'],
      ['syr_new_login', `Bearer ${fakeToken}`],
    ] as const) {
      const credentials = { load: async () => row, save: async () => {} };
      const later = await startRig({
        homeserver: first.homeserver.url,
        token: new Secret(fakeToken, 'the test'),
        refreshToken: new Secret(given, 'the test'),
        credentials,
      });
      const arrival = first.homeserver.arrival(/whoami/);
      await later.adapter.login(unhurried);
      expect((await arrival).headers.authorization).toBe(expected);
      await later.stop();
    }
  });

  it('does not begin a renewal after the stop, and waits for one that is being stored', async () => {
    await start();
    rig.homeserver.expire();
    const refreshing = rig.homeserver.arrival(/refresh/);
    rig.homeserver.next(/refresh/, { hangs: true });
    const login = rig.adapter.login(unhurried);
    await refreshing;
    await rig.adapter.stop();
    expect(await login).toMatchObject({ outcome: 'later' });
    expect(stored.row).toBeNull();
  });
});

describe('a token file', () => {
  let rig: Rig;

  afterEach(() => rig.stop());

  it('is read again when its token is refused, and Lookout goes on with the new one', async () => {
    let content: string | null = fakeToken;
    const token = new Secret(fakeToken, 'config.yaml:3:8', { name: 'bot.token', read: () => content });
    rig = await startRig({ token });
    await rig.adapter.login(unhurried);
    const next = rig.homeserver.replaceToken();
    expect(await rig.adapter.login(unhurried)).toEqual({
      outcome: 'accountBroken',
      reason:
        '401 M_UNKNOWN_TOKEN: Unrecognised access token Bearer [secret] (the homeserver does not know the access token: get a new one; ' +
        'put it into bot.token, which is read again every 5 min)',
    });
    content = null;
    expect(await rig.adapter.login(unhurried)).toMatchObject({ outcome: 'accountBroken' });
    content = next;
    expect(await rig.adapter.login(unhurried)).toMatchObject({ outcome: 'ready' });
    await until(() => rig.homeserver.seen.at(-1)?.headers.authorization === `Bearer ${next}`);
    expect(token.values).toEqual([fakeToken, next]);
  });

  it('is used for sends at once if its new token is of the same device, else for the next login alone', async () => {
    let content: string | null = fakeToken;
    const token = new Secret(fakeToken, 'config.yaml:3:8', { name: 'bot.token', read: () => content });
    rig = await startRig({ token });
    await rig.adapter.login(unhurried);
    const room = rig.homeserver.rooms.create({ members: { [rig.homeserver.user]: 'join' } });
    const send = (key: string) =>
      rig.adapter.send({ room, key, payload: rig.adapter.format(message('hello'), key, room) }, unhurried);
    content = rig.homeserver.replaceToken();
    expect(await send('k1')).toMatchObject({ outcome: 'sent' });
    content = rig.homeserver.replaceToken();
    const ofOtherDevice = { status: 200, body: { user_id: rig.homeserver.user, device_id: 'OTHER' } };
    const restore = rig.homeserver.always(/whoami/, ofOtherDevice);
    expect(await send('k2')).toEqual({
      outcome: 'accountBroken',
      reason: expect.stringContaining('of another account or device: the next login is with it'),
    });
    expect(await rig.adapter.login(unhurried)).toMatchObject({ outcome: 'ready', account: { device: 'OTHER' } });
    expect(await send('k2')).toMatchObject({ outcome: 'sent' });
    restore();
  });
});
