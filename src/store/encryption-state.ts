import { inChunks } from './in-chunks.ts';
import type { EncryptionRecordsTable } from './tables/encryption.ts';
import type { Database, Trx } from './tables.ts';
import type { Writer } from './writer.ts';

/** The device whose encryption it is. */
export interface Device {
  readonly account: string;
  readonly device: string;
}

/** The form of one IndexedDB database, as far as it is needed to make it again. */
export interface DatabaseSchema {
  readonly version: number;
  readonly stores: readonly {
    readonly name: string;
    readonly keyPath: string | readonly string[] | null;
    readonly autoIncrement: boolean;
    readonly indexes: readonly {
      readonly name: string;
      readonly keyPath: string | readonly string[];
      readonly unique: boolean;
      readonly multiEntry: boolean;
    }[];
  }[];
}

/** One record of an IndexedDB database; key and value are JSON. */
export interface DatabaseRecord {
  readonly store: string;
  readonly key: string;
  readonly value: string;
}

/** One IndexedDB database with everything in it. */
export interface KeptDatabase {
  readonly name: string;
  readonly schema: DatabaseSchema;
  readonly records: readonly DatabaseRecord[];
}

/** The changes of IndexedDB databases since they were last written. */
export interface EncryptionChanges {
  readonly device: Device;
  /** Object stores that were emptied, before the records were put. */
  readonly emptied: readonly { readonly database: string; readonly store: string }[];
  /** `value` null: the record was deleted. */
  readonly records: readonly {
    readonly database: string;
    readonly store: string;
    readonly key: string;
    readonly value: string | null;
  }[];
}

/** The place of a message in a session of Megolm: no two messages of ours may have the same. */
export interface MessageIndex {
  readonly session: string;
  readonly index: number;
}

/** Returns the databases of a device; none: its encryption never began here. */
export async function loadEncryption(db: Database, { account, device }: Device): Promise<KeptDatabase[]> {
  const databases = await db
    .selectFrom('encryption_databases')
    .select(['name', 'schema'])
    .where('account', '=', account)
    .where('device', '=', device)
    .execute();
  return Promise.all(
    databases.map(async ({ name, schema }) => ({
      name,
      schema: JSON.parse(schema) as DatabaseSchema,
      records: await db
        .selectFrom('encryption_records')
        .select(['collection as store', 'key', 'value'])
        .where('account', '=', account)
        .where('device', '=', device)
        .where('database', '=', name)
        .execute(),
    })),
  );
}

/** Writes whole databases in the place of what is kept of them, in one transaction. */
export async function replaceEncryption(
  writer: Writer,
  { account, device }: Device,
  databases: readonly KeptDatabase[],
  now: number,
): Promise<void> {
  await writer.write(async (trx) => {
    for (const { name, schema, records } of databases) {
      const row = { account, device, name, schema: JSON.stringify(schema) };
      await trx
        .insertInto('encryption_databases')
        .values(row)
        .onConflict((c) => c.columns(['account', 'device', 'name']).doUpdateSet({ schema: row.schema }))
        .execute();
      await trx
        .deleteFrom('encryption_records')
        .where('account', '=', account)
        .where('device', '=', device)
        .where('database', '=', name)
        .execute();
      const rows = records.map(({ store, key, value }) => ({ ...place({ account, device }, name, store, key), value }));
      await putRecords.all(
        trx,
        rows.map((each) => ({ ...each, written_at: now })),
      );
    }
  });
}

/** Writes changes within a transaction. */
export async function writeEncryption(trx: Trx, changes: EncryptionChanges, now: number): Promise<void> {
  const { device, emptied, records } = changes;
  for (const { database, store } of emptied)
    await trx
      .deleteFrom('encryption_records')
      .where('account', '=', device.account)
      .where('device', '=', device.device)
      .where('database', '=', database)
      .where('collection', '=', store)
      .execute();
  const put = records.flatMap(({ database, store, key, value }) =>
    value === null ? [] : [{ ...place(device, database, store, key), value, written_at: now }],
  );
  await putRecords.all(trx, put);
  for (const { database, store, key, value } of records)
    if (value === null)
      await trx
        .deleteFrom('encryption_records')
        .where('account', '=', device.account)
        .where('device', '=', device.device)
        .where('database', '=', database)
        .where('collection', '=', store)
        .where('key', '=', key)
        .execute();
}

/** Deletes the databases of an account's other devices. */
export async function forgetOtherDevices(writer: Writer, { account, device }: Device): Promise<void> {
  await writer.write(async (trx) => {
    for (const table of ['encryption_records', 'encryption_databases'] as const)
      await trx.deleteFrom(table).where('account', '=', account).where('device', '!=', device).execute();
  });
}

/** Notes that a message of ours was encrypted with an index. Throws if one was before: the same key would hide two messages. */
export async function noteSealed(trx: Trx, { session, index }: MessageIndex, now: number): Promise<void> {
  await trx.insertInto('sealed_indices').values({ session, message_index: index, at: now }).execute();
}

/** Notes the event that was read with an index. Returns false if another event was: somebody repeats what was said before. */
export async function noteRead(
  db: Database,
  { session, index }: MessageIndex,
  event: string,
  now: number,
): Promise<boolean> {
  await db
    .insertInto('read_indices')
    .values({ session, message_index: index, event, at: now })
    .onConflict((c) => c.doNothing())
    .execute();
  const first = await db
    .selectFrom('read_indices')
    .select('event')
    .where('session', '=', session)
    .where('message_index', '=', index)
    .executeTakeFirst();
  return first?.event === event;
}

/** Returns the rooms of an account in which encryption was seen, with the content of their `m.room.encryption`. */
export async function loadEncryptedRooms(db: Database, account: string): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom('encrypted_rooms')
    .select(['room', 'content'])
    .where('account', '=', account)
    .execute();
  return new Map(rows.map(({ room, content }) => [room, content]));
}

/** Notes for ever that a room is encrypted. */
export async function saveEncryptedRoom(db: Database, account: string, room: string, content: string): Promise<void> {
  await db
    .insertInto('encrypted_rooms')
    .values({ account, room, content })
    .onConflict((c) => c.columns(['account', 'room']).doUpdateSet({ content }))
    .execute();
}

/** Returns the private keys that sign the devices of an account, as they were saved; null: there are none. */
export async function loadIdentity(db: Database, account: string): Promise<string | null> {
  const row = await db
    .selectFrom('encryption_identities')
    .select('seeds')
    .where('account', '=', account)
    .executeTakeFirst();
  return row?.seeds ?? null;
}

export async function saveIdentity(db: Database, account: string, seeds: string): Promise<void> {
  await db
    .insertInto('encryption_identities')
    .values({ account, seeds })
    .onConflict((c) => c.column('account').doUpdateSet({ seeds }))
    .execute();
}

function place({ account, device }: Device, database: string, collection: string, key: string) {
  return { account, device, database, collection, key };
}

const putRecords = inChunks((db, rows: readonly EncryptionRecordsTable[]) =>
  db
    .insertInto('encryption_records')
    .values(
      rows.map(({ account, device, database, collection, key, value, written_at }) => ({
        ...{ account, device, database, collection, key, value, written_at },
      })),
    )
    .onConflict((c) =>
      c
        .columns(['account', 'device', 'database', 'collection', 'key'])
        .doUpdateSet((e) => ({ value: e.ref('excluded.value'), written_at: e.ref('excluded.written_at') })),
    ),
);
