import type { AccountId, PlatformName } from './words.ts';

/** The parts of an account's id. `name`: as the configuration names it; null: the account without a name. */
export interface AccountParts {
  readonly platform: PlatformName;
  readonly name: string | null;
}

/** Returns the id of an account: `matrix`, or `matrix/eu`. The only place that writes one. */
export function accountId(platform: PlatformName, name: string | null): AccountId {
  return name === null ? platform : `${platform}/${name}`;
}

/** Returns the parts of an account's id. The only place that reads one. */
export function partsOfAccount(id: AccountId): AccountParts {
  const slash = id.indexOf('/');
  return slash === -1 ? { platform: id, name: null } : { platform: id.slice(0, slash), name: id.slice(slash + 1) };
}

export const platformOfAccount = (id: AccountId): PlatformName => partsOfAccount(id).platform;

/** Returns the accounts of a platform that are set up, in the order of the configuration. */
export function accountsOf(chats: Readonly<Record<AccountId, object | null>>, platform: PlatformName): AccountId[] {
  return Object.keys(chats).filter((id) => chats[id] != null && platformOfAccount(id) === platform);
}
