import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryEncryption, type MemoryEncryption } from '../../src/adapters/contract/memory-encryption.ts';
import { createHomeserverClient, type HomeserverClient } from '../../src/adapters/matrix/client.ts';
import { createRecoveryKey } from '../../src/adapters/matrix/encryption/create-recovery-key.ts';
import { Machine } from '../../src/adapters/matrix/encryption/machine.ts';
import { MachineRequests } from '../../src/adapters/matrix/encryption/requests.ts';
import { readSecrets } from '../../src/adapters/matrix/encryption/secret-storage.ts';
import { signDevice, type TrustOptions } from '../../src/adapters/matrix/encryption/trust.ts';
import type { MatrixSettings } from '../../src/adapters/matrix/settings.ts';
import { makeRecoveryKey } from '../../src/adapters/matrix/tools/recovery-key.ts';
import { reset } from '../../src/adapters/matrix/tools/reset.ts';
import { verify } from '../../src/adapters/matrix/tools/verify.ts';
import type { ToolParts } from '../../src/adapters/tool.ts';
import { directNetwork } from '../../src/http/network.ts';
import { Secret } from '../../src/secrets/secret.ts';
import type { Device } from '../../src/store/encryption-state.ts';
import { objectOf } from '../../src/text/json.ts';
import { systemClock } from '../../src/time/clock.ts';
import { folderWith } from '../config/config-files.ts';
import { matrixOptions } from '../support/matrix-options.ts';
import { answering } from '../support/scripted-questions.ts';
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

  /** Opens what a store keeps of a device, as a start does. */
  async function open(user: MatrixUser, store: MemoryEncryption, options: Partial<TrustOptions> = {}) {
    const client = options.client ?? clientOf(user);
    const device = await deviceOf(clientOf(user));
    const end = (reason: string) => {
      throw new Error(reason);
    };
    const machine = await Machine.open({ device, store, key: null, clock: systemClock, end });
    const requests = new MachineRequests(machine, client);
    const sign = () =>
      signDevice({ storeKey: null, recoveryKey: null, ...options, machine, requests, client, store, signal });
    return { machine, sign };
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

  describe('of a device', () => {
    it('is signed wherever the first start was killed, by the one identity', async () => {
      for (let instant = 0; ; instant++) {
        const user = await synapse.createUser(`killed-${instant}`);
        const store = createMemoryEncryption();
        const { client, isReached } = killedAt(instant, clientOf(user));
        const first = await open(user, store, { client });
        const refused = await first.sign().catch((error: unknown) => String(error));
        await first.machine.close();
        const before = await publishedOf(user);
        if (!isReached()) {
          expect(refused).toBeNull();
          expect(instant).toBeGreaterThan(8);
          return;
        }
        const second = await open(user, store);
        expect(await second.sign(), `killed at ${instant}`).toBeNull();
        const after = await publishedOf(user);
        if (before.identity !== null) expect(after.identity).toBe(before.identity);
        if (before.fingerprint !== null) expect(after.fingerprint).toBe(before.fingerprint);
        expect(after.isSigned, `killed at ${instant}`).toBe(true);
        await second.machine.close();
      }
    });

    it('is refused before anything is uploaded if its keys are lost', async () => {
      const user = await synapse.createUser('lost');
      const first = await open(user, createMemoryEncryption());
      expect(await first.sign()).toBeNull();
      const before = await publishedOf(user);
      const again = await open(user, createMemoryEncryption());
      expect(await again.sign()).toMatchObject({
        kind: 'unusable',
        reason: expect.stringContaining('Log the bot in anew'),
      });
      expect(await publishedOf(user)).toEqual(before);
      await Promise.all([first.machine.close(), again.machine.close()]);
    });

    it('is signed by what its predecessor left in the store', async () => {
      const user = await synapse.createUser('moved');
      const store = createMemoryEncryption();
      const first = await open(user, store);
      expect(await first.sign()).toBeNull();
      const { identity } = await publishedOf(user);
      await first.machine.close();
      const next = { ...user, token: await synapse.logIn(user, 'NEXT') };
      const second = await open(next, store);
      expect(await second.sign()).toBeNull();
      expect(await publishedOf(next)).toMatchObject({ identity, isSigned: true });
      await second.machine.close();
    });

    it('is signed by the recovery key alone, with an empty store', async () => {
      const user = await synapse.createUser('recovered');
      const made = await createRecoveryKey({ client: clientOf(user), account: user.id, signal });
      if (made.outcome !== 'made') throw new Error(made.outcome);
      expect(await made.publish(null)).toBeNull();
      const { identity } = await publishedOf(user);
      const without = await open(user, createMemoryEncryption());
      expect(await without.sign()).toMatchObject({ reason: expect.stringContaining('chats.matrix.recovery_key') });
      expect(await publishedOf(user)).toMatchObject({ fingerprint: null });
      await without.machine.close();
      const recoveryKey = new Secret(made.recoveryKey, 'the test');
      const given = await open(user, createMemoryEncryption(), { recoveryKey });
      expect(await given.sign()).toBeNull();
      expect(await publishedOf(user)).toMatchObject({ identity, isSigned: true });
      await given.machine.close();
    });
  });

  describe('by the commands of the command line', () => {
    const settingsOf = (token: string, recoveryKey: string | null = null): MatrixSettings => ({
      ...matrixOptions(synapse.url, token),
      recoveryKey: recoveryKey === null ? null : new Secret(recoveryKey, 'the test'),
    });

    function partsOf(store: MemoryEncryption, more: Partial<ToolParts> = {}): ToolParts & { readonly said: string[] } {
      const said: string[] = [];
      return {
        ...{ questions: answering(), given: {}, network: directNetwork, clock: systemClock, signal, said },
        ...{ encryption: store, credentials: { load: async () => null }, say: (text: string) => void said.push(text) },
        ...more,
      };
    }

    it('is shown, before there are keys, when it is signed, and when the store is another one', async () => {
      const user = await synapse.createUser('shown');
      const store = createMemoryEncryption();
      expect(await verify(settingsOf(user.token), partsOf(store))).toMatchObject({
        isGood: true,
        json: { account: user.id, fingerprint: null, isSigned: false, hasRecovery: false },
      });
      const opened = await open(user, store);
      expect(await opened.sign()).toBeNull();
      await opened.machine.close();
      const shown = await verify(settingsOf(user.token), partsOf(store));
      const { fingerprint } = await publishedOf(user);
      expect(shown).toMatchObject({ isGood: true, json: { fingerprint, isSigned: true } });
      expect(new Map(shown.lines).get('fingerprint')?.replaceAll(' ', '')).toBe(fingerprint);
      expect(await verify(settingsOf(user.token), partsOf(createMemoryEncryption()))).toMatchObject({
        isGood: false,
        json: { meaning: expect.stringContaining('not in this store') },
      });
    });

    it('gets a recovery key of what the store has, which signs a device with an empty one', async () => {
      const user = await synapse.createUser('written');
      const store = createMemoryEncryption();
      const opened = await open(user, store);
      expect(await opened.sign()).toBeNull();
      await opened.machine.close();
      const { identity } = await publishedOf(user);
      const file = `${folderWith({})}/key`;
      await makeRecoveryKey(settingsOf(user.token), partsOf(store, { given: { file } }));
      const again = makeRecoveryKey(settingsOf(user.token), partsOf(store, { given: { file: `${file}2` } }));
      await expect(again).rejects.toThrow('has a recovery key already');
      const next = { ...user, token: await synapse.logIn(user, 'NEXT') };
      const recoveryKey = new Secret(readFileSync(file, 'utf8').trim(), file);
      const moved = await open(next, createMemoryEncryption(), { recoveryKey });
      expect(await moved.sign()).toBeNull();
      await moved.machine.close();
      expect(await publishedOf(next)).toMatchObject({ identity, isSigned: true });
    });

    it('is reset with the password, and opens with the recovery key of the configuration', async () => {
      const user = await synapse.createUser('reset');
      const made = await createRecoveryKey({ client: clientOf(user), account: user.id, signal });
      if (made.outcome !== 'made') throw new Error(made.outcome);
      await made.publish(null);
      const store = createMemoryEncryption();
      const settings = settingsOf(user.token, made.recoveryKey);
      const recoveryKey = settings.recoveryKey;
      const opened = await open(user, store, { recoveryKey });
      expect(await opened.sign()).toBeNull();
      await opened.machine.close();
      const before = await publishedOf(user);
      await expect(reset(settings, partsOf(store))).rejects.toThrow('lookout matrix reset --password');
      const wrong = partsOf(store, { given: { password: true }, questions: answering('wrong') });
      await expect(reset(settings, wrong)).rejects.toThrow(
        'nothing was changed: the homeserver does not take this password',
      );
      expect(await publishedOf(user)).toEqual(before);
      const right = partsOf(store, {
        given: { password: true },
        questions: answering(synapse.passwordOf(user)),
      });
      expect(await reset(settings, right)).toMatchObject({ isGood: true, json: { needsLogin: false } });
      const after = await publishedOf(user);
      expect(after).toMatchObject({ fingerprint: before.fingerprint, isSigned: false });
      expect(after.identity).not.toBe(before.identity);
      for (const each of [store, createMemoryEncryption()]) {
        const next = each === store ? user : { ...user, token: await synapse.logIn(user, 'NEXT') };
        const again = await open(next, each, each === store ? {} : { recoveryKey });
        expect(await again.sign()).toBeNull();
        await again.machine.close();
        expect(await publishedOf(next)).toMatchObject({ identity: after.identity, isSigned: true });
      }
    });

    it('is reset without its old store, and the next device is signed', async () => {
      const user = await synapse.createUser('reset-lost');
      const first = await open(user, createMemoryEncryption());
      expect(await first.sign()).toBeNull();
      await first.machine.close();
      const store = createMemoryEncryption();
      const parts = partsOf(store, {
        given: { password: true },
        questions: answering(synapse.passwordOf(user)),
      });
      expect(await reset(settingsOf(user.token), parts)).toMatchObject({ json: { needsLogin: true } });
      const next = { ...user, token: await synapse.logIn(user, 'NEXT') };
      const second = await open(next, store);
      expect(await second.sign()).toBeNull();
      await second.machine.close();
      expect(await publishedOf(next)).toMatchObject({ isSigned: true });
    });
  });

  async function deviceOf(client: HomeserverClient): Promise<Device> {
    const answer = await client.request({ method: 'GET', path: '/account/whoami' });
    if (answer.kind !== 'ok') throw new Error(answer.text);
    return { account: String(answer.body.user_id), device: String(answer.body.device_id) };
  }

  /** What anybody can see of an account's device. */
  async function publishedOf(user: MatrixUser) {
    const client = clientOf(user);
    const { account, device } = await deviceOf(client);
    const body = JSON.stringify({ device_keys: { [account]: [] } });
    const answer = await client.request({ method: 'POST', path: '/keys/query', body });
    if (answer.kind !== 'ok') throw new Error(answer.text);
    const keyOf = (type: string) =>
      Object.values(objectOf(objectOf(objectOf(answer.body[type])[account]).keys))[0] ?? null;
    const own = objectOf(objectOf(objectOf(answer.body.device_keys)[account])[device]);
    const signatures = Object.keys(objectOf(objectOf(own.signatures)[account]));
    return {
      identity: keyOf('master_keys'),
      fingerprint: objectOf(own.keys)[`ed25519:${device}`] ?? null,
      isSigned: signatures.includes(`ed25519:${String(keyOf('self_signing_keys'))}`),
    };
  }
});

/** A client whose process is killed at an instant: before or after one of its requests. */
function killedAt(instant: number, client: HomeserverClient) {
  let passed = 0;
  const pass = () => {
    if (passed++ >= instant) throw new Error('killed');
  };
  return {
    isReached: () => passed > instant,
    client: {
      ...client,
      async request(call, signal) {
        pass();
        const answer = await client.request(call, signal);
        pass();
        return answer;
      },
    } satisfies HomeserverClient,
  };
}
