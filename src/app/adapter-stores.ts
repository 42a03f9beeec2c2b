import { platformOfAccount } from '../account-id.ts';
import type { Credentials, EncryptionStore, Position, Turns } from '../adapters/platform.ts';
import { loadSyncPosition, saveSyncPosition, takeTurn } from '../outbox/rows/sync-position.ts';
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
import type { AccountId } from '../words.ts';

/** Where an account keeps the position up to which its events were read: by its user and device on the platform. */
export const positionOf = (db: Database, id: AccountId): Position => ({
  load: (account) => loadSyncPosition(db, platformOfAccount(id), account),
  save: (account, position) => saveSyncPosition(db, platformOfAccount(id), account, position),
});

/** The turns that its connections take in all processes. */
export const turnsOf = (db: Database, id: AccountId, clock: Pick<Clock, 'now'>): Turns => ({
  take: (account, everyMs) => takeTurn(db, platformOfAccount(id), account, { now: clock.now(), everyMs }),
});

/** Where it keeps tokens. */
export const credentialsOf = (db: Database, id: AccountId): Credentials => ({
  load: (origin) => loadTokens(db, id, origin),
  save: (tokens) => saveTokens(db, id, tokens),
});

/** Where it keeps the state of its encryption: by its user and device on the platform, so that no two accounts share any. */
export const encryptionOf = (
  { db, writer, clock }: { readonly db: Database; readonly writer: Writer; readonly clock: Clock },
  id: AccountId,
): EncryptionStore => ({
  load: (device) => loadEncryption(db, device),
  replace: (device, databases) => replaceEncryption(writer, device, databases, clock.now()),
  write: (changes, { position, sealed } = {}) =>
    writer.write(async (trx) => {
      await writeEncryption(trx, changes(), clock.now());
      if (sealed !== undefined) await noteSealed(trx, sealed, clock.now());
      if (position !== undefined) await saveSyncPosition(trx, platformOfAccount(id), position.account, position.token);
    }),
  loadIdentity: (account) => loadIdentity(db, account),
  saveIdentity: (account, seeds) => saveIdentity(db, account, seeds),
  forgetOtherDevices: (device) => forgetOtherDevices(writer, device),
  rooms: (account) => loadEncryptedRooms(db, account),
  saveRoom: (account, room, content) => saveEncryptedRoom(db, account, room, content),
  noteRead: (index, event) => noteRead(db, index, event, clock.now()),
});
