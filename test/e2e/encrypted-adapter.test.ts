import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter } from '../../src/adapters/adapter.ts';
import { createMemoryEncryption } from '../../src/adapters/contract/memory-encryption.ts';
import { createMatrixAdapter } from '../../src/adapters/matrix/matrix-adapter.ts';
import { createListener } from '../support/listener.ts';
import { matrixOptions } from '../support/matrix-options.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { textMessage } from '../support/scripted-adapter.ts';
import type { MatrixUser } from './support/matrix-user.ts';
import { encryptionFaults } from './support/room-reading.ts';
import { type StrictReader, startStrictReader } from './support/strict-reader.ts';
import { type SynapseServer, startSynapse } from './support/synapse-server.ts';
import { waitUntil } from './support/wait-until.ts';

const patience = { timeoutMs: PATIENCE_MS };
const signal = new AbortController().signal;

describe('an encrypted room of a real homeserver', () => {
  let synapse: SynapseServer;
  let bot: MatrixUser;
  let reader: StrictReader;
  let room: string;
  const encryption = createMemoryEncryption();
  /** The commands that were obeyed. */
  const lines: string[] = [];
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
    adapter.listen(
      createListener({
        async run({ said }) {
          const text = said.kind === 'line' ? said.text : '';
          lines.push(text);
          return { message: textMessage(`answer to ${text}`), private: false };
        },
      }),
    );
    expect(await adapter.login(signal)).toMatchObject({ outcome: 'ready' });
    expect(await adapter.resolve(room, signal)).toMatchObject({ outcome: 'resolved' });
    return adapter;
  }

  async function answers() {
    const events = await reader.read(room);
    return events.filter(({ sender, content }) => sender === bot.id && String(content.body).startsWith('answer to'));
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

  it('obeys encrypted commands of people alone, and answers them encrypted', async () => {
    const said = lines.length;
    await reader.send(room, '!status');
    await waitUntil('the command', () => lines.length > said || undefined, patience);
    // In plain text anybody at a homeserver can say it in the reader's name.
    await reader.user.send(room, '!status plain');
    await reader.send(room, '!status again');
    await waitUntil('the next command', () => lines.includes('status again') || undefined, patience);
    expect(lines.slice(said)).toEqual(['status', 'status again']);
    // A conversation of two: all that a person says is meant for the bot.
    await reader.send(room, 'help me');
    await waitUntil('a line without a prefix', () => lines.includes('help me') || undefined, patience);
    await waitUntil('the answers', async () => (await answers()).length >= 3 || undefined, patience);
    expect(encryptionFaults(await reader.read(room), bot.id)).toEqual([]);
  });

  it('goes on in a room that becomes encrypted, and sends nothing plain from then on', async () => {
    const plain = await reader.user.createRoom({ invite: [bot] });
    expect(await adapter.resolve(plain, signal)).toMatchObject({ outcome: 'resolved' });
    const payload = (text: string, key: string) => adapter.format(textMessage(text), key, plain);
    const send = (text: string, key: string) => adapter.send({ room: plain, key, payload: payload(text, key) }, signal);
    expect(await send('plain', 'key-plain')).toMatchObject({ outcome: 'sent' });
    expect(adapter.seals(plain)).toBe(false);
    await reader.encryptRoom(plain);
    await waitUntil('the news', () => adapter.seals(plain) || undefined, patience);
    expect(await send('sealed', 'key-sealed')).toMatchObject({ outcome: 'sent' });
    const events = (await reader.read(plain)).filter(
      (event) => event.sender === bot.id && event.type === 'm.room.message',
    );
    expect(events.map((event) => [event.content.body, event.megolm === null])).toEqual([
      ['plain', true],
      ['sealed', false],
    ]);
  });
});
