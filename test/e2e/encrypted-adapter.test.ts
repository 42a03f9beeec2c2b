import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter } from '../../src/adapters/adapter.ts';
import { createMemoryEncryption } from '../../src/adapters/contract/memory-encryption.ts';
import { createMatrixAdapter } from '../../src/adapters/matrix/matrix-adapter.ts';
import { matrixOptions } from '../support/matrix-options.ts';
import { textMessage } from '../support/scripted-adapter.ts';
import type { MatrixUser } from './support/matrix-user.ts';
import { encryptionFaults } from './support/room-reading.ts';
import { type StrictReader, startStrictReader } from './support/strict-reader.ts';
import { type SynapseServer, startSynapse } from './support/synapse-server.ts';

const signal = new AbortController().signal;

describe('an encrypted room of a real homeserver', () => {
  let synapse: SynapseServer;
  let bot: MatrixUser;
  let reader: StrictReader;
  let room: string;
  const encryption = createMemoryEncryption();
  let adapter: Adapter;

  beforeAll(async () => {
    synapse = await startSynapse('off');
    bot = await synapse.createUser('lookout');
    const user = await synapse.createUser('reader');
    reader = await startStrictReader({ synapse, user, device: 'READER', signedBy: 'itself' });
    room = await reader.createRoom({ invite: [bot] });
    adapter = await logIn();
  });

  afterAll(async () => {
    await adapter?.stop();
    reader?.stop();
    await synapse?.stop();
  });

  async function logIn(): Promise<Adapter> {
    const adapter = createMatrixAdapter({ ...matrixOptions(synapse.url, bot.token), encryption });
    expect(await adapter.login(signal)).toMatchObject({ outcome: 'ready' });
    expect(await adapter.resolve(room, signal)).toMatchObject({ outcome: 'resolved' });
    return adapter;
  }

  async function say(text: string, key: string): Promise<string> {
    const result = await adapter.send({ room, key, payload: adapter.format(textMessage(text), key, room) }, signal);
    if (result.outcome !== 'sent') throw new Error(`${result.outcome}: ${result.reason}`);
    return result.platformId;
  }

  it('shows a strict reader what was sent, before and after a restart', async () => {
    await reader.untilJoined(room, bot);
    const first = await say('one', 'key-of-one');
    await adapter.stop();
    adapter = await logIn();
    const second = await say('two', 'key-of-two');
    const events = await reader.read(room);
    expect(encryptionFaults(events, bot.id)).toEqual([]);
    expect(events.map((event) => event.id)).toEqual(expect.arrayContaining([first, second]));
  });

  it('finds a message by its mark', async () => {
    const id = await say('three', 'key-of-three');
    expect(await adapter.find({ room, key: 'key-of-three', payload: '{}', since: 0 }, signal)).toEqual({
      outcome: 'found',
      platformId: id,
    });
  });
});
