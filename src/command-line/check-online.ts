import { accountsOf } from '../account-id.ts';
import type { Finding, Mark, StoredAccount } from '../adapters/inspection.ts';
import type { Platform } from '../adapters/platform.ts';
import type { Config } from '../config/config.ts';
import type { Input } from '../inputs/input.ts';
import { silentLog } from '../log.ts';
import { loadTokens } from '../store/credentials.ts';
import { loadIdentity } from '../store/encryption-state.ts';
import { openExisting } from '../store/open-place.ts';
import { mayExist } from '../store/place.ts';
import { StoreError } from '../store/store-errors.ts';
import type { Database } from '../store/tables.ts';
import { printedRow } from '../text/printed.ts';
import { systemClock } from '../time/clock.ts';
import type { AccountId } from '../words.ts';
import { inspectApi, inspectSource } from './inspect-source.ts';
import type { ExitCode } from './terminal.ts';

export interface OnlineParts {
  readonly config: Config;
  readonly platforms: readonly Platform[];
  readonly inputs: readonly Input[];
  /** True: rooms that the accounts may join are joined. */
  readonly joins: boolean;
}

/** A finding, and what it is about: `source`, an account (`discord`, `matrix/eu`), the name of a room. */
export interface Found extends Finding {
  readonly about: string;
}

/**
 * Asks the source and every chat of a configuration whether it will work: keys, accounts, rooms. Sends nothing into a room, and
 * changes nothing but that it joins rooms if that is wanted.
 */
export async function checkOnline(parts: OnlineParts): Promise<readonly Found[]> {
  const { config, inputs, platforms } = parts;
  const input = inputs.find(({ name }) => name === config.source.kind.name);
  const source = { config, clock: systemClock };
  const [key, api, ...chats] = await Promise.all([
    input === undefined ? null : inspectSource({ ...source, input }),
    inspectApi(source),
    ...platforms.flatMap((platform) =>
      accountsOf(config.chats, platform.name).map((account) => inspectAccount(platform, account, parts)),
    ),
  ]);
  return [
    ...(key === null ? [] : [{ about: 'source', ...key }]),
    ...(api === null ? [] : [{ about: 'API', ...api }]),
    ...chats.flat(),
  ];
}

async function inspectAccount(platform: Platform, account: AccountId, parts: OnlineParts): Promise<readonly Found[]> {
  const { config } = parts;
  const settings = config.chats[account] ?? null;
  if (settings === null) return [];
  const rooms = config.rooms.filter((room) => room.account === account);
  const written = (address: string) => address.slice(platform.name.length + 1);
  const inspection = await platform.inspect(settings, {
    ...{ joins: parts.joins, network: config.network, clock: systemClock, log: silentLog },
    rooms: rooms.map(({ address }) => written(address)),
    stored: storedAccount(config, account),
    signal: new AbortController().signal,
  });
  if (inspection === null) return [];
  return [
    { about: account, ...inspection.account },
    ...rooms.flatMap(({ name, address }) =>
      (inspection.rooms.get(written(address)) ?? []).map((finding) => ({ about: name, ...finding })),
    ),
  ];
}

/** The parts of an account that `run` keeps in the store; none if there is no store that can be read. */
function storedAccount({ store }: Config, id: AccountId): StoredAccount {
  async function read<T>(ask: (db: Database) => Promise<T>): Promise<T | null> {
    if (store.kind === 'memory' || !mayExist(store)) return null;
    try {
      const { db, close } = await openExisting(store);
      return await ask(db).finally(() => close());
    } catch (err) {
      if (err instanceof StoreError) return null;
      throw err;
    }
  }
  return {
    tokens: () => read((db) => loadTokens(db, id)),
    hasIdentity: async (account) => (await read((db) => loadIdentity(db, account))) !== null,
  };
}

const signs: Readonly<Record<Mark, string>> = { ok: 'ok', note: 'note', no: 'NO', unclear: '?' };

/** Returns the findings as lines: the mark, what it is about, what was found. */
export function findingLines(found: readonly Found[]): string {
  const wide = Math.max(...found.map(({ about }) => about.length), 0);
  return found.map(({ mark, about, text }) => printedRow([signs[mark].padEnd(4), about.padEnd(wide), text])).join('');
}

/** 0 if messages will arrive everywhere, notes or not; else 1. */
export function findingsCode(found: readonly Found[]): ExitCode {
  return found.every(({ mark }) => mark === 'ok' || mark === 'note') ? 0 : 1;
}
