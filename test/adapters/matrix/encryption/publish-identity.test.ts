import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHomeserverClient, type HomeserverClient } from '../../../../src/adapters/matrix/client.ts';
import { publishIdentity } from '../../../../src/adapters/matrix/encryption/identity.ts';
import { fakeToken, type Homeserver, startHomeserver } from '../../../support/homeserver.ts';
import { matrixOptions } from '../../../support/matrix-options.ts';

const upload = '{"master_key":{"usage":["master"]}}';
const path = /^POST \/keys\/device_signing\/upload$/;
const asksFor = (...stages: string[]) => ({ status: 401, body: { session: 'S1', flows: [{ stages }], params: {} } });

describe('the upload of an identity', () => {
  let server: Homeserver;
  let client: HomeserverClient;

  beforeEach(async () => {
    server = await startHomeserver();
    client = createHomeserverClient({ ...matrixOptions(server.url, fakeToken), requestTimeoutMs: 5_000 });
  });

  afterEach(async () => {
    await client.close();
    await server.stop();
  });

  const publish = (password: string | null) =>
    publishIdentity(upload, { client, account: '@bot:fake.test', password, signal: new AbortController().signal });

  it('gives the password if the homeserver wants it even for the first one', async () => {
    server.next(path, asksFor('m.login.password'));
    server.next(path, { status: 200, body: {} });
    expect(await publish('secret')).toBeNull();
    expect(JSON.parse(server.seen.at(-1)?.body ?? '')).toEqual({
      ...JSON.parse(upload),
      auth: {
        type: 'm.login.password',
        identifier: { type: 'm.id.user', user: '@bot:fake.test' },
        password: 'secret',
        session: 'S1',
      },
    });
  });

  it('says how, if it has no password', async () => {
    server.next(path, asksFor('m.login.password'));
    expect(await publish(null)).toEqual({
      kind: 'unusable',
      needs: 'password',
      reason: expect.stringContaining('run "lookout matrix reset --password"'),
    });
    expect(server.seen).toHaveLength(1);
  });

  it('names the page on which the owner allows it, and a proof that cannot be given', async () => {
    const page = { url: 'https://account.fake.test/reset' };
    server.next(path, {
      status: 401,
      body: {
        flows: [{ stages: ['org.matrix.cross_signing_reset'] }],
        params: { 'org.matrix.cross_signing_reset': page },
      },
    });
    expect(await publish(null)).toMatchObject({ reason: expect.stringContaining(`open ${page.url}, then try again`) });
    server.next(path, asksFor('m.login.email.identity'));
    expect(await publish('secret')).toMatchObject({ reason: expect.stringContaining('(m.login.email.identity)') });
  });

  it('says that a password is wrong, and passes on what else fails', async () => {
    server.next(path, asksFor('m.login.password'));
    server.next(path, {
      ...asksFor('m.login.password'),
      body: { ...asksFor('m.login.password').body, errcode: 'M_FORBIDDEN' },
    });
    expect(await publish('wrong')).toMatchObject({ reason: expect.stringContaining('does not take this password') });
    server.next(path, { status: 502, body: {} });
    expect(await publish('secret')).toMatchObject({ kind: 'failed', failure: { status: 502 } });
  });
});
