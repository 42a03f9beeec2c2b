import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { matrixSetup } from '../../../../src/adapters/matrix/setup.ts';
import { storeKeyBytes } from '../../../../src/adapters/matrix/store-key.ts';
import type { SetupParts } from '../../../../src/adapters/setup.ts';
import { directNetwork } from '../../../../src/http/network.ts';
import { answering } from '../../../support/scripted-questions.ts';
import { createTestClock } from '../../../support/test-clock.ts';
import { type LoginServer, startLoginServer } from './login-server.ts';

let server: LoginServer;
let folder: string;
beforeEach(async () => {
  server = await startLoginServer();
  folder = mkdtempSync(join(tmpdir(), 'lookout-login-'));
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const clock = createTestClock();
let said: string[] = [];

function logIn(
  given: SetupParts['given'],
  lines: readonly string[] = [],
  onSaid: (text: string) => void = () => {},
  kept: readonly string[] = ['store_key'],
) {
  said = [];
  const say = (text: string) => {
    said.push(text);
    onSaid(text);
  };
  const { signal } = new AbortController();
  return matrixSetup.logIn({
    questions: answering(...lines),
    kept,
    given,
    network: directNetwork,
    clock,
    signal,
    say,
  });
}

const passwordFlow = () =>
  server.on('GET /_matrix/client/v3/login', () => [200, { flows: [{ type: 'm.login.password' }] }]);
const wrongPassword = { errcode: 'M_FORBIDDEN', error: 'Invalid username or password' };

it('logs in with a user and a password, and keeps the token', async () => {
  passwordFlow();
  server.on('POST /_matrix/client/v3/login', () => [200, { access_token: 'syt_good', device_id: 'D' }]);
  expect(await logIn({ homeserver: server.url }, ['lookout', 'a pass word'])).toEqual({
    name: '@bot:fake.test',
    settings: { homeserver: server.url },
    secrets: [{ key: 'token', value: 'syt_good' }],
  });
  expect(server.seen.find(({ line }) => line.startsWith('POST') && line.endsWith('/login'))?.body).toEqual({
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: 'lookout' },
    password: 'a pass word',
    initial_device_display_name: 'Lookout',
  });
});

it('gets a refresh token for the same device if access tokens end', async () => {
  passwordFlow();
  server.on('POST /_matrix/client/v3/login', ({ body }) =>
    body.refresh_token === true
      ? [200, { access_token: 'syt_good', refresh_token: `syr_of_${String(body.device_id)}`, expires_in_ms: 300_000 }]
      : [200, { access_token: 'syt_short', device_id: 'D', expires_in_ms: 300_000 }],
  );
  const { secrets } = await logIn({ homeserver: server.url, user: 'lookout' }, ['secret']);
  expect(secrets).toEqual([
    { key: 'token', value: 'syt_good' },
    { key: 'refresh_token', value: 'syr_of_D' },
  ]);
});

it('takes the password from a file, blanks in it included', async () => {
  passwordFlow();
  writeFileSync(join(folder, 'password'), ' two words \n');
  server.on('POST /_matrix/client/v3/login', ({ body }) =>
    body.password === ' two words ' ? [200, { access_token: 'syt_good' }] : [403, wrongPassword],
  );
  const given = { homeserver: server.url, user: 'lookout', passwordFile: join(folder, 'password') };
  expect((await logIn(given)).name).toBe('@bot:fake.test');
});

it('says that the password is wrong, and shows it nowhere', async () => {
  passwordFlow();
  server.on('POST /_matrix/client/v3/login', () => [403, wrongPassword]);
  const attempt = logIn({ homeserver: server.url, user: 'lookout' }, ['not-the-password']);
  await expect(attempt).rejects.toThrow(
    `${server.url} does not take this user with this password (403 M_FORBIDDEN Invalid username or password)`,
  );
  await expect(attempt).rejects.not.toThrow('not-the-password');
});

it('waits as long as a homeserver asks before another login', async () => {
  passwordFlow();
  let logins = 0;
  server.on('POST /_matrix/client/v3/login', () =>
    ++logins === 1
      ? [429, { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 7_000 }]
      : [200, { access_token: 'syt_good' }],
  );
  const given = { homeserver: server.url, user: 'lookout' };
  const login = logIn(given, ['secret'], () => void clock.turn().then(() => clock.advance(7_000)));
  expect((await login).name).toBe('@bot:fake.test');
  expect(said[0]).toContain('takes another login in 7 s');
});

it('finds the homeserver by the server in the name of the bot', async () => {
  passwordFlow();
  const { host } = new URL(server.url);
  server.on('GET /.well-known/matrix/client', () => [302, {}, { location: '/elsewhere' }]);
  server.on('GET /elsewhere', () => [200, { 'm.homeserver': { base_url: `${server.url}/` } }]);
  server.on('POST /_matrix/client/v3/login', () => [200, { access_token: 'syt_good' }]);
  const { settings } = await logIn({ homeserver: `@bot:${host}`, user: 'bot' }, ['secret']);
  expect(settings).toEqual({ homeserver: server.url });
});

it.each([
  ['ftp://example.org', 'is neither a server nor a web address'],
  ['http://example.org', 'http:// would send the password unencrypted: write https://example.org'],
  ['https://bot:secret@example.org', 'remove what stands before the @'],
])('refuses %s as a homeserver before anything is sent', async (homeserver, wrong) => {
  await expect(logIn({ homeserver })).rejects.toThrow(
    `--homeserver: ${homeserver.startsWith('ftp') ? `"${homeserver}" ` : ''}${wrong}`,
  );
});

it('says that something else than a homeserver answered', async () => {
  server.on('GET /_matrix/client/versions', () => [200, { hello: 'world' }]);
  await expect(logIn({ homeserver: server.url })).rejects.toThrow(`${server.url} is not a homeserver (200)`);
});

it('logs in on the page of the homeserver, which sends the browser back to this machine', async () => {
  server.on('GET /_matrix/client/v3/login', () => [
    200,
    { flows: [{ type: 'm.login.sso' }, { type: 'm.login.token' }] },
  ]);
  server.on('POST /_matrix/client/v3/login', ({ body }) =>
    body.type === 'm.login.token' && body.token === 'once'
      ? [200, { access_token: 'syt_good', refresh_token: 'syr_good', expires_in_ms: 1 }]
      : [403, wrongPassword],
  );
  const browse = async (text: string) => {
    const page = URL.parse(/https?:\S+/.exec(text)?.[0] ?? '');
    const back = page?.searchParams.get('redirectUrl');
    if (back == null) return;
    // Anything but the address that was sent is not a login.
    expect((await fetch(new URL('/?loginToken=forged', back))).status).toBe(404);
    expect(await (await fetch(`${back}?loginToken=once`)).text()).toContain('You can close this page.');
  };
  const { secrets } = await logIn({ homeserver: server.url }, [], browse);
  expect(secrets.map(({ value }) => value)).toEqual(['syt_good', 'syr_good']);
});

it('says that a homeserver has no login in a browser', async () => {
  passwordFlow();
  await expect(logIn({ homeserver: server.url, browser: true })).rejects.toThrow('has no login in a browser');
});

it('leaves the keys of an account that has some, and says which key to give', async () => {
  passwordFlow();
  server.on('POST /_matrix/client/v3/login', () => [200, { access_token: 'syt_good' }]);
  server.on('POST /_matrix/client/v3/keys/query', () => [200, { master_keys: { '@bot:fake.test': { keys: {} } } }]);
  const { secrets } = await logIn({ homeserver: server.url }, ['lookout', 'secret']);
  expect(secrets.map(({ key }) => key)).toEqual(['token']);
  expect(said.at(-1)).toContain('@bot:fake.test has keys for encrypted rooms already: give their recovery key');
});

it('makes a key of the store once', async () => {
  passwordFlow();
  server.on('POST /_matrix/client/v3/login', () => [200, { access_token: 'syt_good' }]);
  const { secrets } = await logIn({ homeserver: server.url }, ['lookout', 'secret'], undefined, ['recovery_key']);
  const made = secrets.find(({ key }) => key === 'store_key');
  expect(storeKeyBytes(made?.value ?? '')).toHaveLength(32);
});

it('makes a recovery key that is in use only when it is in its file', async () => {
  passwordFlow();
  server.on('POST /_matrix/client/v3/login', () => [200, { access_token: 'syt_good' }]);
  server.on('POST /_matrix/client/v3/keys/query', () => [200, {}]);
  const { secrets } = await logIn({ homeserver: server.url }, ['lookout', 'secret']);
  const recovery = secrets.find(({ key }) => key === 'recovery_key');
  expect(recovery?.value).toMatch(/^(?:\w{4} ){11}\w{4}$/);
  expect(server.seen.some(({ line }) => line.startsWith('PUT') || line.endsWith('/device_signing/upload'))).toBe(false);
  // This homeserver takes nothing.
  expect(await recovery?.activate?.()).toContain('404');
});
