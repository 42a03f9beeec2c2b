import { platformOfAccount } from '../account-id.ts';
import type { Adapter, AnswerTurns } from '../adapters/adapter.ts';
import type { OtherShards } from '../adapters/shards.ts';
import type { Config } from '../config/config.ts';
import { namesChangers } from '../config/names-changers.ts';
import { platformOf } from '../config/platform.ts';
import type { Log } from '../log.ts';
import type { AccountKeeper } from '../outbox/send/account.ts';
import type { Database } from '../store/tables.ts';
import type { Writer } from '../store/writer.ts';
import type { AccountId, PlatformName } from '../words.ts';
import { credentialsOf, encryptionOf, positionOf, turnsOf } from './adapter-stores.ts';
import type { AppOptions, Ending } from './options.ts';

export interface AdaptersParts {
  readonly db: Database;
  readonly writer: Writer;
  /** Increments a counter of a platform. */
  readonly count: (platform: PlatformName, counter: string) => void;
  /** The shards of the account that other units open; missing: there are no such units. */
  readonly otherShards?: OtherShards;
  /** Ends the process. */
  readonly end: (ending: Ending) => void;
}

/** Creates the adapter of an account by a configuration; null if it is not set up there. */
export async function createAdapter(
  id: AccountId,
  config: Config,
  { platforms, clock, log, write, color, columns, input }: Omit<AppOptions, 'config'>,
  { db, writer, count, end, otherShards }: AdaptersParts,
): Promise<Adapter | null> {
  const settings = config.chats[id] ?? null;
  if (settings === null) return null;
  const platform = platformOf(platforms, platformOfAccount(id));
  return platform.createAdapter(settings, {
    ...{ clock, log: logOf(id, log), network: config.network },
    terminal: { write, color, columns, input },
    position: positionOf(db, id),
    turns: turnsOf(db, id, clock),
    ...(otherShards !== undefined && { otherShards }),
    credentials: credentialsOf(db, id),
    encryption: encryptionOf({ db, writer, clock }, id),
    end: (reason: string) => end({ text: `${platform.title} cannot go on (${reason})`, reason: 'broken' }),
    namesChangers: namesChangers(config, platform),
    count: (counter: string) => count(platform.name, counter),
  });
}

/** Returns a log whose lines have the account in a field. */
export function logOf(account: AccountId, log: Log): Log {
  return {
    debug: (fields, text) => log.debug({ account, ...fields }, text),
    info: (fields, text) => log.info({ account, ...fields }, text),
    warn: (fields, text) => log.warn({ account, ...fields }, text),
    error: (fields, text) => log.error({ account, ...fields }, text),
  };
}

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
