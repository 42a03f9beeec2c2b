/**
 * `node test/adapters/matrix/encryption/make-rows.ts <folder>`: writes what the version of
 * @matrix-org/matrix-sdk-crypto-wasm that is installed in the folder keeps of a device, to `rows-of-<version>.json` beside
 * this file. `npm install --prefix <folder> @matrix-org/matrix-sdk-crypto-wasm@18.0.0` installs one.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as CryptoLibrary from '@matrix-org/matrix-sdk-crypto-wasm';
import { indexedDb, installGlobals } from '../../../../src/adapters/matrix/encryption/indexed-db.ts';
import { readDatabase } from '../../../../src/adapters/matrix/encryption/snapshot.ts';
import { answerKeys, membersWith } from '../../../support/fake-keys.ts';

const [folder = '.'] = process.argv.slice(2);
const installed = join(folder, 'node_modules/@matrix-org/matrix-sdk-crypto-wasm');
const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { version: string };
installGlobals();
const library = (await import(pathToFileURL(join(installed, 'node.mjs')).href)) as typeof CryptoLibrary;
const { DeviceId, EncryptionSettings, OlmMachine, RequestType, RoomId, StoreHandle, UserId } = library;
await library.initAsync();

const device = 'LOOKOUT';
const room = '!room:localhost';
const [reader = ''] = membersWith(2);

interface AnyRequest {
  readonly id?: string | undefined;
  readonly type: number;
  readonly body: string;
}

const pathOf: Readonly<Record<number, string>> = {
  [RequestType.KeysUpload]: 'upload',
  [RequestType.KeysQuery]: 'query',
  [RequestType.KeysClaim]: 'claim',
  [RequestType.SignatureUpload]: 'signatures/upload',
};

/** Answers requests of a machine as a homeserver does. */
async function answer(machine: CryptoLibrary.OlmMachine, requests: readonly AnyRequest[]): Promise<void> {
  for (const { id, type, body } of requests) {
    const found = answerKeys(machine.userId.toString(), pathOf[type] ?? '', JSON.parse(body)) ?? {};
    if (id !== undefined) await machine.markRequestAsSent(id, type, JSON.stringify(found));
  }
}

/** Lives the life of a device up to its first message, and returns what is kept of it. */
async function live(user: string, key: Uint8Array | null): Promise<object> {
  const prefix = randomUUID();
  const handle = await (key === null ? StoreHandle.open(prefix, undefined) : StoreHandle.openWithKey(prefix, key));
  const machine = await OlmMachine.initFromStore(new UserId(user), new DeviceId(device), handle);
  await answer(machine, await machine.outgoingRequests());
  const signing = await machine.bootstrapCrossSigning(true);
  answerKeys(user, 'device_signing/upload', JSON.parse(signing.uploadSigningKeysRequest.body));
  await answer(machine, [signing.uploadSignaturesRequest]);
  const users = () => [user, reader].map((id) => new UserId(id));
  await machine.updateTrackedUsers(users());
  await answer(machine, [machine.queryKeysForUsers(users())]);
  await answer(machine, await machine.outgoingRequests());
  const claim = await machine.getMissingSessions(users());
  await answer(machine, claim ? [claim] : []);
  await answer(machine, await machine.shareRoomKey(new RoomId(room), users(), new EncryptionSettings()));
  const plain = { msgtype: 'm.notice', body: `written with ${version}` };
  const content = JSON.parse(await machine.encryptRoomEvent(new RoomId(room), 'm.room.message', JSON.stringify(plain)));
  const own = await machine.getDevice(new UserId(user), new DeviceId(device));
  if (own?.isCrossSignedByOwner() !== true) throw new Error('the device is not signed');
  const databases = [];
  for (const { name = '' } of await indexedDb.databases()) {
    const [of, database] = name.split('::');
    if (of !== prefix) continue;
    const { schema, records } = await readDatabase(name);
    databases.push({ database, schema, records: records.map(({ store, key, value }) => [store, key, value]) });
  }
  return {
    user,
    key: key === null ? null : Buffer.from(key).toString('base64'),
    fingerprint: machine.identityKeys.ed25519.toBase64(),
    session: content.session_id,
    ...{ content, plain, databases },
  };
}

const rows = {
  ...{ version, device, reader, room },
  keyed: await live(
    '@keyed:localhost',
    Uint8Array.from({ length: 32 }, (_, at) => at),
  ),
  open: await live('@open:localhost', null),
};
writeFileSync(fileURLToPath(new URL(`rows-of-${version}.json`, import.meta.url)), JSON.stringify(rows));
