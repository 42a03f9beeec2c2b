import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireServers } from './support/needs.ts';
import { encryptionFaults, lastContents } from './support/room-reading.ts';
import { type StrictReader, startStrictReader } from './support/strict-reader.ts';
import { type SynapseServer, startSynapse } from './support/synapse-server.ts';

describe('the strict reader, which judges encrypted rooms', () => {
  let synapse: SynapseServer;
  let reader: StrictReader;
  const started: StrictReader[] = [];

  async function start(name: string, signedBy: 'itself' | 'no one'): Promise<StrictReader> {
    const user = await synapse.createUser(name);
    const one = await startStrictReader({ synapse, user, device: name.toUpperCase(), signedBy });
    started.push(one);
    return one;
  }

  beforeAll(async () => {
    requireServers();
    synapse = await startSynapse('off');
    reader = await start('reader', 'itself');
  });

  afterAll(async () => {
    for (const one of started) one.stop();
    await synapse?.stop();
  });

  async function roomWith(other: StrictReader): Promise<string> {
    const room = await reader.createRoom({ invite: [other.user] });
    await other.join(room);
    await reader.untilJoined(room, other.user);
    return room;
  }

  it('finds nothing wrong with a client whose device is signed, and knows its last edit', async () => {
    const writer = await start('signed', 'itself');
    const room = await roomWith(writer);
    const first = await writer.send(room, 'first');
    const fresh = { msgtype: 'm.text', body: 'edited' };
    await writer.send(room, {
      ...{ msgtype: 'm.text', body: '* edited', 'm.new_content': fresh },
      'm.relates_to': { rel_type: 'm.replace', event_id: first },
    });
    const events = await reader.read(room);
    expect(encryptionFaults(events, writer.user.id)).toEqual([]);
    expect(events.map(({ content, megolm }) => [content.body, megolm?.index])).toEqual([
      ['first', 0],
      ['* edited', 1],
    ]);
    expect([...lastContents(events).values()]).toEqual([fresh]);
  });

  it('reads nothing from a device that is not signed, and lets it read nothing', async () => {
    const writer = await start('unsigned', 'no one');
    const room = await roomWith(writer);
    const id = await writer.send(room, 'not to be seen');
    const events = await reader.read(room);
    expect(encryptionFaults(events, writer.user.id)).toEqual([`${id}: not decrypted: UNSIGNED_SENDER_DEVICE`]);
    const own = await reader.send(room, 'to signed devices alone');
    expect(encryptionFaults(await writer.read(room), reader.user.id)).toEqual([
      `${own}: not decrypted: MEGOLM_KEY_WITHHELD_FOR_UNVERIFIED_DEVICE`,
    ]);
  });

  it('sees a ciphertext that is sent once more, and a message in plain text', async () => {
    const writer = await start('careless', 'itself');
    const room = await roomWith(writer);
    const id = await writer.send(room, 'once');
    const ciphertext = await writer.user.event(room, id);
    const again = await writer.user.sendRaw(room, ciphertext);
    const plain = await writer.user.send(room, 'for everybody');
    const events = await reader.read(room);
    const place = `${ciphertext.content.session_id} at 0`;
    expect(encryptionFaults(events, writer.user.id)).toEqual([
      `${again}: repeats ${place} of ${id}`,
      `${plain}: m.room.message is not encrypted`,
    ]);
    expect(encryptionFaults(events, reader.user.id)).toEqual([]);
  });
});
