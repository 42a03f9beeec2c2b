import type { Credentials, EncryptionStore, Position } from '../adapters/platform.ts';
import { loadSyncPosition, saveSyncPosition } from '../outbox/rows/sync-position.ts';
import { loadTokens, saveTokens } from '../store/credentials.ts';
import {
  forgetOtherDevices,
  loadEncryptedRooms,
  loadEncryption,
  loadIdentity,
  noteRead,
  noteSealed,
  replaceEncryption,
  saveEncryptedRoom,
  saveIdentity,
  writeEncryption,
} from '../store/encryption-state.ts';
import type { Database } from '../store/tables.ts';
import type { Writer } from '../store/writer.ts';
import type { Clock } from '../time/clock.ts';
import type { PlatformName } from '../words.ts';

/** Where the account of a platform keeps the position up to which its events were read. */
export const positionOf = (db: Database, platform: PlatformName): Position => ({
  load: (account) => loadSyncPosition(db, platform, account),
  save: (account, position) => saveSyncPosition(db, platform, account, position),
});

/** Where it keeps tokens. */
export const credentialsOf = (db: Database, platform: PlatformName): Credentials => ({
  load: () => loadTokens(db, platform),
  save: (tokens) => saveTokens(db, platform, tokens),
});

/** Where it keeps the state of its encryption. */
export const encryptionOf = (
  { db, writer, clock }: { readonly db: Database; readonly writer: Writer; readonly clock: Clock },
  platform: PlatformName,
): EncryptionStore => ({
  load: (device) => loadEncryption(db, device),
  replace: (device, databases) => replaceEncryption(writer, device, databases, clock.now()),
  write: (changes, { position, sealed } = {}) =>
    writer.write(async (trx) => {
      await writeEncryption(trx, changes(), clock.now());
      if (sealed !== undefined) await noteSealed(trx, sealed, clock.now());
      if (position !== undefined) await saveSyncPosition(trx, platform, position.account, position.token);
    }),
  loadIdentity: (account) => loadIdentity(db, account),
  saveIdentity: (account, seeds) => saveIdentity(db, account, seeds),
  forgetOtherDevices: (device) => forgetOtherDevices(writer, device),
  rooms: (account) => loadEncryptedRooms(db, account),
  saveRoom: (account, room, content) => saveEncryptedRoom(db, account, room, content),
  noteRead: (index, event) => noteRead(db, index, event, clock.now()),
});
