import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryEncryption, type MemoryEncryption } from '../../../../src/adapters/contract/memory-encryption.ts';
import { Machine } from '../../../../src/adapters/matrix/encryption/machine.ts';
import { messageIndexOf } from '../../../../src/adapters/matrix/encryption/message-index.ts';
import type { DatabaseSchema } from '../../../../src/store/encryption-state.ts';
import { createTestClock } from '../../../support/test-clock.ts';

/**
 * What older versions of @matrix-org/matrix-sdk-crypto-wasm kept, which a Lookout that is upgraded finds in its store. The
 * files `rows-of-<version>.json` were written by `make-rows.ts` with that version installed: a device that is signed, that
 * has sessions with two others, and that has sent one message.
 */
interface Rows {
  readonly version: string;
  readonly device: string;
  readonly reader: string;
  readonly room: string;
  readonly keyed: State;
  readonly open: State;
}

interface State {
  readonly user: string;
  /** In base64; null: the state is not encrypted. */
  readonly key: string | null;
  /** The device's ed25519 key. */
  readonly fingerprint: string;
  /** The message, with the index 0 of this Megolm session. */
  readonly session: string;
  readonly content: object;
  readonly plain: object;
  readonly databases: readonly {
    readonly database: string;
    readonly schema: DatabaseSchema;
    readonly records: readonly (readonly [store: string, key: string, value: string])[];
  }[];
}

const rowsOf = (version: string) =>
  JSON.parse(readFileSync(new URL(`rows-of-${version}.json`, import.meta.url), 'utf8')) as Rows;

const cases = ['14.0.0', '18.0.0'].flatMap((version) => {
  const rows = rowsOf(version);
  return [
    { version, form: 'encrypted', rows, state: rows.keyed },
    { version, form: 'as it is', rows, state: rows.open },
  ];
});

function storeWith({ device }: Rows, { databases }: State): MemoryEncryption {
  const store = createMemoryEncryption();
  for (const { database: name, schema, records } of databases)
    store
      .keptOf(device)
      .set(name, { name, schema, records: records.map(([store, key, value]) => ({ store, key, value })) });
  return store;
}

describe('the state of the encryption that an older version of the library kept', () => {
  const opened: Machine[] = [];
  afterEach(async () => {
    for (const machine of opened.splice(0)) await machine.close();
  });

  async function open(store: MemoryEncryption, { device }: Rows, { user, key }: State): Promise<Machine> {
    const machine = await Machine.open({
      device: { account: user, device },
      store,
      key: key === null ? null : new Uint8Array(Buffer.from(key, 'base64')),
      clock: createTestClock(),
      end(reason) {
        throw new Error(reason);
      },
    });
    opened.push(machine);
    return machine;
  }

  /** Encrypts the next message and keeps what that changes. */
  async function encrypt(machine: Machine, { reader, room }: Rows, { user }: State) {
    const { RoomId, EncryptionSettings } = machine.library;
    const requests = await machine.call('sharing', (olm) =>
      olm.shareRoomKey(new RoomId(room), machine.users([user, reader]), new EncryptionSettings()),
    );
    const text = JSON.stringify({ msgtype: 'm.notice', body: 'after the upgrade' });
    const content = await machine.call('encryption', (olm) =>
      olm.encryptRoomEvent(new RoomId(room), 'm.room.message', text),
    );
    await machine.commit();
    return { requests: requests.length, index: messageIndexOf(JSON.parse(content)) };
  }

  async function decrypt(machine: Machine, { room }: Rows, { user, content }: State): Promise<unknown> {
    const { DecryptionSettings, RoomId, TrustRequirement } = machine.library;
    const shared = { event_id: '$old', sender: user, origin_server_ts: 1, room_id: room, unsigned: {} };
    const event = JSON.stringify({ ...shared, type: 'm.room.encrypted', content });
    const settings = new DecryptionSettings(TrustRequirement.CrossSigned);
    const decrypted = await machine.call('decryption', (olm) =>
      olm.decryptRoomEvent(event, new RoomId(room), settings),
    );
    return JSON.parse(decrypted.event).content;
  }

  it.each(cases)(
    '$version, kept $form: is the same device, reads its message, and goes on in its session',
    async ({ rows, state }) => {
      const store = storeWith(rows, state);
      const old = state.databases.map(({ database, schema }) => [database, schema.version]);
      let machine = await open(store, rows, state);
      const fingerprint = await machine.call('keys', async (olm) => olm.identityKeys.ed25519.toBase64());
      expect(fingerprint).toBe(state.fingerprint);
      expect(await decrypt(machine, rows, state)).toEqual(state.plain);
      // The other devices have the key of the session already.
      expect(await encrypt(machine, rows, state)).toEqual({ requests: 0, index: { session: state.session, index: 1 } });

      expect([...store.keptOf(rows.device).values()].map(({ name, schema }) => [name, schema.version])).not.toEqual(
        old,
      );
      machine = await open(store, rows, state);
      expect(await decrypt(machine, rows, state)).toEqual(state.plain);
      expect(await encrypt(machine, rows, state)).toEqual({ requests: 0, index: { session: state.session, index: 2 } });
    },
  );

  it('is refused with a wrong key, and without one, and nothing of it is changed', async () => {
    const rows = rowsOf('18.0.0');
    const store = storeWith(rows, rows.keyed);
    const before = JSON.stringify([...store.keptOf(rows.device)]);
    const wrong = Buffer.alloc(32, 9).toString('base64');
    await expect(open(store, rows, { ...rows.keyed, key: wrong })).rejects.toThrow(/not the key/);
    await expect(open(store, rows, { ...rows.keyed, key: null })).rejects.toThrow(/give chats\.matrix\.store_key/);
    expect(JSON.stringify([...store.keptOf(rows.device)])).toBe(before);
  });
});
