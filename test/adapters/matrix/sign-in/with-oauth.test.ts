import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { matrixSetup } from '../../../../src/adapters/matrix/setup.ts';
import type { SetupParts } from '../../../../src/adapters/setup.ts';
import { directNetwork } from '../../../../src/http/network.ts';
import type { Clock } from '../../../../src/time/clock.ts';
import { answering } from '../../../support/scripted-questions.ts';
import { createTestClock } from '../../../support/test-clock.ts';
import { type LoginServer, startLoginServer } from './login-server.ts';

let server: LoginServer;
beforeEach(async () => {
  server = await startLoginServer();
});
afterEach(() => server.stop());

const clock = createTestClock();
/** Requests have no timeout here: the test moves the clock while they run. */
const patientClock: Clock = {
  ...clock,
  after: (delayMs, callback) => (delayMs === 30_000 ? () => {} : clock.after(delayMs, callback)),
};

function logIn(onSaid: (text: string) => void, given: SetupParts['given'] = {}) {
  const { signal } = new AbortController();
  const parts = {
    questions: answering(),
    kept: ['store_key'],
    network: directNetwork,
    clock: patientClock,
    signal,
    say: onSaid,
  };
  return matrixSetup.logIn({ ...parts, given: { homeserver: server.url, ...given } });
}

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** Makes the homeserver log in over OAuth 2.0, as Matrix Authentication Service does. */
function delegate(more: Readonly<Record<string, unknown>> = {}): void {
  server.on('GET /_matrix/client/v1/auth_metadata', () => [
    200,
    {
      issuer: server.url,
      authorization_endpoint: `${server.url}/authorize`,
      token_endpoint: `${server.url}/token`,
      registration_endpoint: `${server.url}/register`,
      grant_types_supported: ['authorization_code', 'refresh_token'],
      ...more,
    },
  ]);
  server.on('POST /register', () => [201, { client_id: '01JCLIENT' }]);
}

const tokens = { access_token: 'mat_good', refresh_token: 'mar_good', token_type: 'Bearer', expires_in: 300 };
const result = () => ({
  name: '@bot:fake.test',
  settings: { homeserver: server.url, client_id: '01JCLIENT' },
  secrets: [
    { key: 'token', value: 'mat_good' },
    { key: 'refresh_token', value: 'mar_good' },
  ],
});

describe('in a browser on this machine', () => {
  it('registers as a client, and proves that it began the login', async () => {
    delegate();
    let challenge = '';
    server.on('POST /token', ({ body }) => {
      const proof = createHash('sha256').update(String(body.code_verifier)).digest('base64url');
      return proof === challenge && body.code === 'a-code' ? [200, tokens] : [400, { error: 'invalid_grant' }];
    });
    const browse = async (text: string) => {
      const query = URL.parse(/https?:\S+/.exec(text)?.[0] ?? '')?.searchParams;
      if (query?.get('scope') == null) return;
      expect(query.get('scope')).toMatch(/^urn:matrix:client:api:\* urn:matrix:client:device:[A-Z]{12}$/);
      challenge = query.get('code_challenge') ?? '';
      await fetch(`${query.get('redirect_uri')}?state=${query.get('state')}&code=a-code`);
    };
    expect(await logIn((text) => void browse(text))).toEqual(result());
    expect(server.seen.find(({ line }) => line === 'POST /register')?.body).toMatchObject({
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/callback'],
    });
  });

  it('takes no code of a login that it did not begin', async () => {
    delegate();
    const browse = async (text: string) => {
      const back = URL.parse(/https?:\S+/.exec(text)?.[0] ?? '')?.searchParams.get('redirect_uri');
      if (back != null) await fetch(`${back}?state=forged&code=a-code`);
    };
    await expect(logIn((text) => void browse(text))).rejects.toThrow('the page came back without a login');
    expect(server.seen.some(({ line }) => line === 'POST /token')).toBe(false);
  });
});

describe('by a code on any device', () => {
  const withCodes = () => {
    delegate({
      device_authorization_endpoint: `${server.url}/device`,
      grant_types_supported: ['authorization_code', 'refresh_token', deviceGrant],
    });
    server.on('POST /device', () => [
      200,
      { device_code: 'dc', user_code: 'ABCD', verification_uri: 'https://a.test/link', expires_in: 60, interval: 5 },
    ]);
  };
  /** Lets the time of the next question pass whenever one is waited for. */
  async function whileTimePasses<T>(login: Promise<T>): Promise<T> {
    let isOver = false;
    const end = () => {
      isOver = true;
    };
    login.then(end, end);
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(1_000);
    }
    return login;
  }

  it('asks until somebody has allowed it', async () => {
    withCodes();
    const answers = [{ error: 'authorization_pending' }, { error: 'slow_down' }, null];
    server.on('POST /token', () => {
      const error = answers.shift();
      return error == null ? [200, tokens] : [400, error];
    });
    const said: string[] = [];
    expect(await whileTimePasses(logIn((text) => said.push(text)))).toEqual(result());
    expect(said.join('\n')).toContain('https://a.test/link');
    expect(said.join('\n')).toContain('Its code is ABCD.');
  });

  it.each([
    ['access_denied', 'the login was refused in the browser'],
    ['expired_token', 'the code was not used in time'],
    ['authorization_pending', 'the code was not used in time'],
    ['invalid_grant', 'the login was refused (400 invalid_grant)'],
  ])('ends at %s', async (error, says) => {
    withCodes();
    server.on('POST /token', () => [400, { error }]);
    await expect(whileTimePasses(logIn(() => {}))).rejects.toThrow(says);
  });

  it('uses the client id that an admin gave out', async () => {
    withCodes();
    server.on('POST /token', ({ body }) => (body.client_id === '01JADMIN' ? [200, tokens] : [400, {}]));
    const { settings } = await whileTimePasses(logIn(() => {}, { clientId: '01JADMIN' }));
    expect(settings.client_id).toBe('01JADMIN');
    expect(server.seen.some(({ line }) => line === 'POST /register')).toBe(false);
  });
});

it('asks for a client id if the server registers none', async () => {
  delegate({ registration_endpoint: undefined });
  await expect(logIn(() => {})).rejects.toThrow('give it with --client-id');
});

it('knows the metadata of homeservers from before Matrix 1.15', async () => {
  server.on('GET /_matrix/client/unstable/org.matrix.msc2965/auth_metadata', () => [
    200,
    { token_endpoint: `${server.url}/token`, authorization_endpoint: `${server.url}/authorize` },
  ]);
  server.on('POST /token', () => [200, tokens]);
  const browse = async (text: string) => {
    const query = URL.parse(/https?:\S+/.exec(text)?.[0] ?? '')?.searchParams;
    if (query?.get('scope') == null) return;
    expect(query.get('scope')).toContain('urn:matrix:org.matrix.msc2967.client:api:*');
    await fetch(`${query.get('redirect_uri')}?state=${query.get('state')}&code=a-code`);
  };
  await logIn((text) => void browse(text), { clientId: 'given' });
});
