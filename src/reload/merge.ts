import { platformOfAccount } from '../account-id.ts';
import type { Config } from '../config/config.ts';
import { Secret } from '../secrets/secret.ts';
import type { AccountId } from '../words.ts';
import type { Change } from './change.ts';

/** Number of secrets that are kept hidden after their use ended. A part that is stopped may still show its own. */
const MOST_ENDED = 16;

/**
 * Returns the configuration that is in effect after a reload: the new one, with those parts of the old one that need a
 * restart, and the same settings of a chat if nothing in them changed. Pure.
 */
export function mergeConfigs(before: Config, next: Config, changes: readonly Change[]): Config {
  const restarts = new Set(changes.flatMap(({ effect, key }) => (effect.kind === 'restart' ? key : [])));
  const { url, kind, name, models, key, api } = before.source;
  const chats = new Set(changes.flatMap(({ effect }) => (effect.kind === 'chat' ? effect.account : [])));
  const isOtherServer = restarts.has('source.key') || restarts.has('source.api');
  const source = {
    ...next.source,
    ...{ url, kind, name, models },
    // The parts of the source hold the old secret, which becomes the new one.
    key: key === null || next.source.key === null ? next.source.key : key,
    api: isOtherServer ? api : next.source.api,
  };
  const inEffect = { source, chats: chatsOf(before, next, chats) };
  return {
    ...next,
    ...inEffect,
    store: { ...before.store, keepMs: next.store.keepMs },
    adapters: before.adapters,
    ...onKnownChats(before, next),
    network: before.network,
    catalogue: before.catalogue,
    secrets: secretsOf(before, next, inEffect),
  };
}

/** Returns the rooms on chats whose adapter is loaded, and the subscriptions of those rooms: others need a restart. */
function onKnownChats(before: Config, next: Config): Pick<Config, 'rooms' | 'subscriptions'> {
  const rooms = next.rooms.filter(({ platform }) => platform in before.chats);
  const known = new Set(rooms.map(({ address }) => address));
  const subscriptions = next.subscriptions.map((one) => ({
    ...one,
    rooms: one.rooms.filter((room) => known.has(room)),
  }));
  return { rooms, subscriptions };
}

/**
 * Returns the accounts of the chats whose adapters are loaded, in the order of the new configuration; those of a chat that it does not
 * load stay as they are until a restart.
 */
function chatsOf(before: Config, next: Config, changed: ReadonlySet<AccountId>): Config['chats'] {
  const isLoaded = (id: AccountId) => platformOfAccount(id) in before.chats;
  const ids = new Set([...Object.keys(next.chats), ...Object.keys(before.chats)].filter(isLoaded));
  const isNew = (id: AccountId) => changed.has(id) && platformOfAccount(id) in next.chats;
  const inEffect = [...ids].map((id) => [id, (isNew(id) ? next.chats[id] : before.chats[id]) ?? null] as const);
  // A platform stays by its name, with or without an account that has none.
  return Object.fromEntries(inEffect.filter(([id, settings]) => settings !== null || platformOfAccount(id) === id));
}

/**
 * Returns every secret that may be in use or in an answer: those of the configuration in effect, new values, and the newest
 * of those that were in use before.
 */
function secretsOf(before: Config, next: Config, inEffect: Pick<Config, 'chats' | 'source'>): readonly Secret[] {
  const used = new Set([...secretsIn(inEffect.chats), ...secretsIn(inEffect.source.key)]);
  const known = new Set(before.secrets.flatMap(({ values }) => values));
  const added = next.secrets.filter((secret) => used.has(secret) || !known.has(secret.given));
  // Such as the password of a proxy, which is in no part of the configuration.
  const present = new Set(next.secrets.map(({ given }) => given));
  let ended = 0;
  const kept = [...before.secrets, ...added].toReversed().filter((secret) => {
    const isPresent = present.delete(secret.given);
    return used.has(secret) || ended++ < MOST_ENDED || isPresent;
  });
  return kept.toReversed();
}

function secretsIn(value: unknown): readonly Secret[] {
  if (value instanceof Secret) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(secretsIn) : [];
}
