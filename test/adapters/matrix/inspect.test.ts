import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspectMatrix } from '../../../src/adapters/matrix/inspect.ts';
import { directNetwork } from '../../../src/http/network.ts';
import { silentLog } from '../../../src/log.ts';
import { Secret } from '../../../src/secrets/secret.ts';
import type { StoredTokens } from '../../../src/store/credentials.ts';
import { fakeToken, type Homeserver, startHomeserver } from '../../support/homeserver.ts';
import type { RoomOptions } from '../../support/homeserver-rooms.ts';
import { createTestClock } from '../../support/test-clock.ts';

let homeserver: Homeserver;
const clock = createTestClock();
const bot = '@bot:fake.test';
beforeEach(async () => {
  homeserver = await startHomeserver({ clock });
});
afterEach(() => homeserver.stop());

interface Options {
  readonly joins?: boolean;
  readonly token?: string;
  readonly refreshToken?: string;
  readonly stored?: StoredTokens;
  readonly hasIdentity?: boolean;
}

function inspect(
  rooms: readonly string[],
  { joins = false, token = fakeToken, refreshToken, stored, hasIdentity = false }: Options = {},
) {
  const secret = (value: string) => new Secret(value, 'the test');
  const settings = {
    ...{ homeserver: homeserver.url, token: secret(token), clientId: null, invite: [], prefix: '!', storeKey: null },
    ...({ recoveryKey: null, encryptFor: 'signed_devices' } as const),
    refreshToken: refreshToken === undefined ? null : secret(refreshToken),
  };
  const parts = { joins, network: directNetwork, clock, log: silentLog, signal: new AbortController().signal };
  return inspectMatrix(settings, {
    ...parts,
    rooms,
    stored: { tokens: async () => stored ?? null, hasIdentity: async () => hasIdentity },
  });
}

async function findings(options: RoomOptions, more: Options = {}) {
  const room = homeserver.rooms.create(options);
  const address = options.alias ?? room;
  return (await inspect([address], more)).rooms.get(address) ?? [];
}

describe('how the bot stands on Matrix', () => {
  afterEach(() => {
    expect(homeserver.seen.filter(({ path }) => /\/send\/|refresh/.test(path))).toEqual([]);
  });

  it('names the account, the room, and what it may do there', async () => {
    const room = homeserver.rooms.create({ alias: '#hq:fake.test', members: { [bot]: 'join' } });
    homeserver.rooms.setState(room, 'm.room.name', { name: 'Headquarters' }, '@owner:fake.test');
    const { account, rooms } = await inspect(['#hq:fake.test']);
    expect(account).toEqual({ mark: 'ok', text: `${bot}, device FAKEDEVICE` });
    expect(rooms.get('#hq:fake.test')).toEqual([
      { mark: 'ok', text: '"Headquarters": may speak, embed, read back; not encrypted' },
    ]);
  });

  it('names the people who can give it the power to speak', async () => {
    const users = { '@ada:fake.test': 100, '@eve:fake.test': 10 };
    const found = await findings({ members: { [bot]: 'join' }, powerLevels: { users, events_default: 50 } });
    expect(found).toEqual([
      {
        mark: 'no',
        text: expect.stringMatching(/lacks the power to send m\.room\.message.* \(@ada:fake\.test can\)$/),
      },
    ]);
  });

  it('joins no room that it may join, unless asked', async () => {
    expect(await findings({ members: { [bot]: 'invite' }, creator: '@ada:fake.test' })).toEqual([
      { mark: 'note', text: `${bot} is invited by @ada:fake.test, and joins at the start, or with --join` },
    ]);
    homeserver.next(/^GET \/v1\/room_summary\//, { status: 200, body: { join_rule: 'public' } });
    expect((await findings({ public: true }))[0]?.text).toContain('which is public: it joins at the start');
    expect(homeserver.seen.some(({ path }) => path.startsWith('/join'))).toBe(false);
    const [joined] = await findings({ members: { [bot]: 'invite' } }, { joins: true });
    expect(joined).toMatchObject({ mark: 'ok' });
  });

  it('says that it must be invited, or was banned', async () => {
    expect(await findings({})).toEqual([
      { mark: 'no', text: expect.stringContaining('someone in the room can invite it') },
    ]);
    expect(await findings({ members: { [bot]: 'ban' } })).toEqual([
      { mark: 'no', text: expect.stringContaining('lift the ban') },
    ]);
  });

  it('says whether clients will show what its device sends to an encrypted room', async () => {
    const keys = (signatures: object) => ({
      master_keys: { [bot]: {} },
      self_signing_keys: { [bot]: { keys: { 'ed25519:SELF': 'SELF' } } },
      device_keys: { [bot]: { FAKEDEVICE: { signatures: { [bot]: signatures } } } },
    });
    const told = async (body: object, hasIdentity = false) => {
      homeserver.next(/^POST \/keys\/query$/, { status: 200, body });
      const [found] = await findings({ encrypted: true, members: { [bot]: 'join' } }, { hasIdentity });
      return [found?.mark, found?.text.split('; ')[1] ?? found?.text];
    };
    expect(await told({})).toEqual(['note', 'encrypted']);
    expect(await told(keys({ 'ed25519:SELF': 'sig' }))).toEqual(['ok', 'encrypted']);
    expect(await told(keys({ 'ed25519:FAKEDEVICE': 'sig' }), true)).toEqual(['note', 'encrypted']);
    expect(await told(keys({}))).toEqual(['no', expect.stringContaining('give its recovery key')]);
  });

  it('says that no room has an alias', async () => {
    expect((await inspect(['#none:fake.test'])).rooms.get('#none:fake.test')).toEqual([
      { mark: 'no', text: expect.stringContaining('no room has the alias #none:fake.test') },
    ]);
  });

  it('says that the token is refused', async () => {
    expect((await inspect(['!a:b'], { token: 'syt_wrong' })).account).toEqual({
      mark: 'no',
      text: expect.stringContaining('M_UNKNOWN_TOKEN'),
    });
  });

  it('uses the token that the running program got, and renews none', async () => {
    homeserver.refreshToken = 'syr_1';
    const now = homeserver.replaceToken();
    const stored = { origin: 'o', access: now, refresh: 'syr_1', renewAt: null };
    expect((await inspect([], { refreshToken: 'syr_0', stored })).account.mark).toBe('ok');
    homeserver.expire();
    expect((await inspect([], { refreshToken: 'syr_0', stored })).account).toEqual({
      mark: 'unclear',
      text: expect.stringContaining('its access token has ended, and only `lookout run` gets a new one'),
    });
  });
});
