import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHomeserverClient, type HomeserverClient } from '../../src/adapters/matrix/client.ts';
import { createRecoveryKey } from '../../src/adapters/matrix/encryption/create-recovery-key.ts';
import { readSecrets } from '../../src/adapters/matrix/encryption/secret-storage.ts';
import { matrixOptions } from '../support/matrix-options.ts';
import type { MatrixUser } from './support/matrix-user.ts';
import { type SynapseServer, startSynapse } from './support/synapse-server.ts';

const signal = new AbortController().signal;

describe('trust on a real homeserver', () => {
  let synapse: SynapseServer;
  const clients: HomeserverClient[] = [];

  beforeAll(async () => {
    synapse = await startSynapse('off');
  });

  afterAll(async () => {
    for (const client of clients) await client.close();
    await synapse?.stop();
  });

  function clientOf({ token }: Pick<MatrixUser, 'token'>): HomeserverClient {
    const client = createHomeserverClient({ ...matrixOptions(synapse.url, token), requestTimeoutMs: 30_000 });
    clients.push(client);
    return client;
  }

  it('gives an account a recovery key once, with which its secrets are read', async () => {
    const user = await synapse.createUser('keyed');
    const options = { client: clientOf(user), account: user.id, signal };
    const made = await createRecoveryKey(options);
    if (made.outcome !== 'made') throw new Error(made.outcome);
    expect(made.recoveryKey).toMatch(/^Es(?:\w{2}|\w{2} )/);
    expect(await made.publish(null)).toBeNull();
    expect(await readSecrets(made.recoveryKey, options)).toMatchObject({
      outcome: 'read',
      seeds: { master: expect.stringMatching(/^[\w+/]{43}$/) },
    });
    expect(await createRecoveryKey(options)).toEqual({ outcome: 'exists' });
  });

  it('tells the recovery key of another account and a typing mistake apart', async () => {
    const [one, other] = [await synapse.createUser('one'), await synapse.createUser('other')];
    const keys: string[] = [];
    for (const user of [one, other]) {
      const made = await createRecoveryKey({ client: clientOf(user), account: user.id, signal });
      if (made.outcome !== 'made') throw new Error(made.outcome);
      await made.publish(null);
      keys.push(made.recoveryKey);
    }
    const options = { client: clientOf(one), account: one.id, signal };
    const [own = '', foreign = ''] = keys;
    expect(await readSecrets(foreign, options)).toMatchObject({
      outcome: 'unusable',
      reason: `the recovery key is not the one of ${one.id}: it is another account's, or was replaced by a newer one`,
    });
    const mistyped = own.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'));
    expect(await readSecrets(mistyped, options)).toMatchObject({
      outcome: 'unusable',
      reason: 'the recovery key has a typing mistake: its checksum is wrong',
    });
  });
});
