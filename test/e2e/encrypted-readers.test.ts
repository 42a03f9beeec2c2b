import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter } from '../../src/adapters/adapter.ts';
import { createMemoryEncryption } from '../../src/adapters/contract/memory-encryption.ts';
import { createHomeserverClient } from '../../src/adapters/matrix/client.ts';
import { makeIdentity, publishIdentity } from '../../src/adapters/matrix/encryption/identity.ts';
import { createMatrixAdapter, type MatrixOptions } from '../../src/adapters/matrix/matrix-adapter.ts';
import { matrixOptions } from '../support/matrix-options.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { textMessage } from '../support/scripted-adapter.ts';
import type { MatrixUser } from './support/matrix-user.ts';
import { type StrictReader, startStrictReader } from './support/strict-reader.ts';
import { type SynapseServer, startSynapse } from './support/synapse-server.ts';
import { waitUntil } from './support/wait-until.ts';

const signal = new AbortController().signal;
const patience = { timeoutMs: PATIENCE_MS };

describe('who can read an encrypted room of a real homeserver', () => {
  let synapse: SynapseServer;
  let bot: MatrixUser;
  let owner: StrictReader;
  let room: string;
  let adapter: Adapter;
  const started: StrictReader[] = [];
  const encryption = createMemoryEncryption();
  let said = 0;

  beforeAll(async () => {
    synapse = await startSynapse('off');
    bot = await synapse.createUser('lookout');
    owner = await reader(await synapse.createUser('owner'), 'FIRST', 'itself');
    room = await owner.createRoom({ invite: [bot] });
    adapter = await logIn();
    await owner.untilJoined(room, bot);
  });

  afterAll(async () => {
    await adapter?.stop();
    for (const each of started) each.stop();
    await synapse?.stop();
  });

  async function reader(
    user: MatrixUser,
    device: string,
    signedBy: Parameters<typeof startStrictReader>[0]['signedBy'],
  ): Promise<StrictReader> {
    const made = await startStrictReader({ synapse, user, device, signedBy });
    started.push(made);
    return made;
  }

  async function logIn(more: Partial<MatrixOptions> = {}): Promise<Adapter> {
    const made = createMatrixAdapter({ ...matrixOptions(synapse.url, bot.token), encryption, ...more });
    expect(await made.login(signal)).toMatchObject({ outcome: 'ready' });
    expect(await made.resolve(room, signal)).toMatchObject({ outcome: 'resolved' });
    return made;
  }

  /** Sends a message and returns its event's id. */
  async function say(): Promise<string> {
    const key = `key-${said++}`;
    const result = await adapter.send({ room, key, payload: adapter.format(textMessage(key), key, room) }, signal);
    if (result.outcome !== 'sent') throw new Error(`${result.outcome}: ${result.reason}`);
    return result.platformId;
  }

  async function troubleOf(who: StrictReader, id: string): Promise<string | null> {
    const event = (await who.read(room)).find((each) => each.id === id);
    if (event === undefined) throw new Error(`${id} is not in the room`);
    return event.trouble;
  }

  const canRead = async (who: StrictReader, id: string) => (await troubleOf(who, id)) === null;

  /** Resolves when a message that is sent now can be read. */
  const untilReads = (who: StrictReader) =>
    waitUntil(
      'the device reads a message',
      async () => ((await canRead(who, await say())) ? true : undefined),
      patience,
    );

  it('is a new device that its owner signed, from the next message on', async () => {
    const before = await say();
    const second = await reader(owner.user, 'SECOND', owner);
    await untilReads(second);
    expect(await canRead(owner, before)).toBe(true);
    expect(await troubleOf(second, before)).toMatch(/^not decrypted/);
  });

  it('is nobody who left, from the next message on', async () => {
    const guest = await reader(await synapse.createUser('guest'), 'GUEST', 'itself');
    await owner.invite(room, guest.user);
    await guest.join(room);
    await untilReads(guest);
    const sessionOf = async (id: string) => (await owner.read(room)).find((each) => each.id === id)?.megolm?.session;
    const before = await sessionOf(await say());
    await guest.leave(room);
    const fresh = async () => {
      const id = await say();
      return (await sessionOf(id)) === before ? undefined : id;
    };
    const meanwhile = await waitUntil('a message with a new key', fresh, patience);
    // Back in the room, they see the message, and cannot read it.
    await owner.invite(room, guest.user);
    await guest.join(room);
    expect(await troubleOf(guest, meanwhile)).toMatch(/^not decrypted/);
    expect(await canRead(owner, meanwhile)).toBe(true);
    await untilReads(guest);
  });

  it('is no device that its owner did not sign, unless the configuration says all_devices', async () => {
    expect(await adapter.describeEncryption(room)).toBe('yes, for devices that their owner has signed');
    const careless = await reader(await synapse.createUser('careless'), 'UNSIGNED', 'no one');
    await owner.invite(room, careless.user);
    await careless.join(room);
    const told = async () => {
      const text = await adapter.describeEncryption(room);
      return text?.includes('1 person here cannot read it') ? text : undefined;
    };
    await waitUntil('the person is counted', told, patience);
    const hidden = await say();
    expect(await troubleOf(careless, hidden)).toMatch(/^not decrypted/);
    expect(await canRead(owner, hidden)).toBe(true);
    await adapter.stop();
    adapter = await logIn({ encryptFor: 'all_devices' });
    await untilReads(careless);
    expect(await adapter.describeEncryption(room)).toBe('yes, for all devices');
    expect(await canRead(owner, await say())).toBe(true);
  });

  it('is nobody while another client has given the bot another identity', async () => {
    const { upload } = await makeIdentity(bot.id);
    const client = createHomeserverClient({ ...matrixOptions(synapse.url, bot.token), requestTimeoutMs: 30_000 });
    const options = { client, account: bot.id, password: synapse.passwordOf(bot), signal };
    expect(await publishIdentity(upload, options)).toBeNull();
    await client.close();
    const refusal = async () => {
      const key = `key-${said++}`;
      const result = await adapter.send({ room, key, payload: adapter.format(textMessage(key), key, room) }, signal);
      return result.outcome === 'sent' ? undefined : result;
    };
    expect(await waitUntil('a message is refused', refusal, patience)).toEqual({
      outcome: 'roomBroken',
      reason: expect.stringContaining('give its recovery key as chats.matrix.recovery_key'),
    });
  });
});
