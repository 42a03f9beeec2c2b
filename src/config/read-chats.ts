import { accountId, partsOfAccount } from '../account-id.ts';
import { Secret } from '../secrets/secret.ts';
import { excerpt } from '../text/excerpt.ts';
import type { AccountId, PlatformName } from '../words.ts';
import type { Config } from './config.ts';
import { type Context, textError } from './context.ts';
import { oneOf } from './one-of.ts';
import { either, type PlatformRules, platformOf } from './platform.ts';
import { getText, type Mapping, type Text } from './tree.ts';

/** `chats:` as it was read. */
export interface Chats {
  readonly settings: Config['chats'];
  /** True if a block is wrong, which was reported. */
  readonly isWrong: boolean;
  /** The accounts of each platform that the file names, those with a mistake too. */
  readonly accounts: readonly AccountId[];
}

/** The name of an account. */
export const accountName = /^[a-z0-9-]{1,32}$/;

/** Reads `chats:`: of each platform the settings of its account, or of a list of accounts. */
export function readChats(context: Context, chats: Mapping | null): Chats {
  const settings: Record<AccountId, object | null> = {};
  const known: AccountId[] = [];
  let isWrong = false;
  for (const platform of context.platforms) {
    settings[platform.name] = null;
    const items = itemsOf(chats, platform);
    const accounts = new AccountsOfPlatform(context, platform.name);
    for (const map of items) {
      const id = accounts.add(map);
      if (id !== null) known.push(id);
      const read = platform.settings.read(context, map);
      if (map !== null && (read === null || id === null)) isWrong = true;
      if (id === null) continue;
      if (read !== null) accounts.checkToken(id, read, map);
      settings[id] = read;
    }
  }
  return { settings, isWrong, accounts: known };
}

/** Returns the blocks of a platform; one that is always there has a block even if the file has none. */
function itemsOf(chats: Mapping | null, { name, settings }: PlatformRules): readonly (Mapping | null)[] {
  const value = chats?.entries.get(name)?.value;
  if (value?.kind === 'list') return value.items.filter((item) => item.kind === 'map');
  const map = value?.kind === 'map' ? value : null;
  return map === null && settings.example !== null ? [] : [map];
}

/** The accounts of one platform, each checked against those before it. */
class AccountsOfPlatform {
  readonly #context: Context;
  readonly #platform: PlatformName;
  /** Offset of each account's block. */
  readonly #places = new Map<AccountId, number>();
  readonly #tokens = new Map<string, AccountId>();

  constructor(context: Context, platform: PlatformName) {
    this.#context = context;
    this.#platform = platform;
  }

  /** Returns the id of the account in a block; null if its name is wrong, or another account has it, which is reported. */
  add(map: Mapping | null): AccountId | null {
    const text = getText(map, 'name');
    if (text !== null && !accountName.test(text.value)) {
      const wrong = `"${excerpt(text.value, 40)}" is not a name for an account`;
      textError(this.#context, text, 0, wrong, 'write 1 to 32 of a-z, 0-9 and -');
      return null;
    }
    const id = accountId(this.#platform, text?.value ?? null);
    const twin = this.#places.get(id);
    if (twin !== undefined) return this.#reportTwin(text, twin, map?.offset ?? 0);
    this.#places.set(id, map?.offset ?? 0);
    return id;
  }

  /** Reports an account that has the token of one before it. */
  checkToken(id: AccountId, settings: object, map: Mapping | null): void {
    const token = tokenOf(settings);
    if (token === null) return;
    const twin = this.#tokens.get(token);
    this.#tokens.set(token, id);
    if (twin === undefined) return;
    const entry = map?.entries.get('token') ?? map?.entries.get('token_file');
    this.#context.report.error(
      entry?.value.offset ?? map?.offset ?? 0,
      `${accountText(id)} has the token of ${accountText(twin)}`,
      'give each account the token of a user of its own',
    );
  }

  #reportTwin(text: Text | null, twin: number, offset: number): null {
    const { report } = this.#context;
    const { line } = report.position(twin);
    if (text === null)
      report.error(offset, `two accounts have no name (the other is on line ${line})`, 'add "name:" to one of them');
    else textError(this.#context, text, 0, `the account "${text.value}" is there already (line ${line})`, 'rename one');
    return null;
  }
}

/** Returns the token in the settings of an account, as it was given; null: it has none. Two with one token are one user. */
export function tokenOf(settings: object): string | null {
  const { token } = settings as { readonly token?: unknown };
  return token instanceof Secret ? token.given : null;
}

/** Returns an account as a message names it. */
function accountText(id: AccountId): string {
  const { name } = partsOfAccount(id);
  return name === null ? 'the account without a name' : `the account "${name}"`;
}

/** A room whose account is looked for. */
export interface RoomPlace {
  readonly platform: PlatformName;
  /** The address as written, where a room that names no account is reported. */
  readonly address: Text;
  /** `rooms.*.account`; null: it names none. */
  readonly account: Text | null;
}

/** Returns the account of a room. Reports one that is not there, or that is missing, and returns null then. */
export function readRoomAccount(
  context: Context,
  { platform, address, account }: RoomPlace,
  known: Chats['accounts'],
): AccountId | null {
  const { title, settings } = platformOf(context.platforms, platform);
  const parts = known.map(partsOfAccount).filter((one) => one.platform === platform);
  const names = parts.flatMap(({ name }) => name ?? []);
  const written = account?.value.trim() ?? null;
  if (account !== null && settings.example === null) {
    textError(context, account, 0, `${title} has no accounts`, 'remove "account"');
    return null;
  }
  // A chat that is not set up is reported as such.
  if (parts.length === 0 || parts.some(({ name }) => name === written)) return accountId(platform, written);
  if (account === null) {
    const wrong = `every account of ${title} has a name, and this room names none`;
    textError(context, address, 0, wrong, `add "account:" to the room in "rooms:": ${either(names)}`);
    return null;
  }
  const wrong = `unknown account "${excerpt(account.value, 40)}" of ${title}`;
  const right = names.length === 0 ? 'its only account has no name: remove "account"' : oneOf(names, account.value);
  textError(context, account, 0, wrong, right);
  return null;
}
