import type { Adapter, AnswerTurns } from '../adapters/adapter.ts';
import type { Credentials, EncryptionStore, Platform, Position } from '../adapters/platform.ts';
import type { Config } from '../config/config.ts';
import { namesChangers } from '../config/names-changers.ts';
import { loadSyncPosition, saveSyncPosition } from '../outbox/rows/sync-position.ts';
import type { AccountKeeper } from '../outbox/send/account.ts';
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
import type { AppOptions, Ending } from './options.ts';

export interface AdaptersParts {
  readonly db: Database;
  readonly writer: Writer;
  /** Increments a counter of a platform. */
  readonly count: (platform: PlatformName, counter: string) => void;
  /** Ends the process. */
  readonly end: (ending: Ending) => void;
}

/** Creates the adapter of a platform by a configuration; null if it is not set up there. */
export async function createAdapter(
  platform: Platform,
  config: Config,
  { clock, log, write, color, columns, input }: Omit<AppOptions, 'config'>,
  { db, writer, count, end }: AdaptersParts,
): Promise<Adapter | null> {
  const settings = config.chats[platform.name] ?? null;
  if (settings === null) return null;
  return platform.createAdapter(settings, {
    ...{ clock, log, network: config.network },
    terminal: { write, color, columns, input },
    position: positionOf(db, platform.name),
    credentials: credentialsOf(db, platform.name),
    encryption: encryptionOf({ db, writer, clock }, platform.name),
    end: (reason: string) => end({ text: `${platform.title} cannot go on (${reason})`, reason: 'broken' }),
    namesChangers: namesChangers(config, platform),
    count: (counter: string) => count(platform.name, counter),
  });
}

const positionOf = (db: Database, platform: PlatformName): Position => ({
  load: (account) => loadSyncPosition(db, platform, account),
  save: (account, position) => saveSyncPosition(db, platform, account, position),
});

const credentialsOf = (db: Database, platform: PlatformName): Credentials => ({
  load: () => loadTokens(db, platform),
  save: (tokens) => saveTokens(db, platform, tokens),
});

const encryptionOf = (
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

/** Returns the turns of an account, for the answers to commands. */
export function answerTurns(keeper: AccountKeeper): AnswerTurns {
  return {
    get isLimited() {
      return keeper.isLimited;
    },
    async take(rank, signal) {
      const turn = await keeper.answerTurn(rank, signal);
      if (turn.turn === 'stopped') return null;
      return turn.turn === 'taken' ? turn.end : () => {};
    },
    limited: (waitMs) => keeper.pause(waitMs),
  };
}
