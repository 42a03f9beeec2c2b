import { accountsOf } from '../account-id.ts';
import { formatEventSpec } from '../catalogue/event-spec.ts';
import type { Config, FileSubscription, RoomConfig } from '../config/config.ts';
import { namesChangers } from '../config/names-changers.ts';
import type { PlatformRules } from '../config/platform.ts';
import type { AccountId } from '../words.ts';
import type { Change } from './change.ts';
import { comparePlainKeys } from './compare-keys.ts';
import { isSame } from './same.ts';

/** Returns every difference between two configurations, in the order of the file's parts. Pure. */
export function compareConfigs(before: Config, after: Config, platforms: readonly PlatformRules[]): readonly Change[] {
  return [
    ...comparePlainKeys(before, after),
    ...platforms.flatMap((platform) => compareChat(before, after, platform)),
    ...compareRooms(before.rooms, after.rooms),
    ...compareSubscriptions(before, after),
    ...compareTemplates(before.templates, after.templates),
  ];
}

function compareChat(before: Config, after: Config, platform: PlatformRules): readonly Change[] {
  const { name } = platform;
  // Its adapter is not loaded any more, which needs a restart.
  if (!(name in after.chats)) return [];
  const accounts = new Set([...accountsOf(before.chats, name), ...accountsOf(after.chats, name)]);
  return [...accounts].flatMap((account) => compareAccount(before, after, { platform, account }));
}

function compareAccount(
  before: Config,
  after: Config,
  { platform, account }: { readonly platform: PlatformRules; readonly account: AccountId },
): readonly Change[] {
  const [old, now] = [before.chats[account] ?? null, after.chats[account] ?? null];
  const effect = { kind: 'chat', account } as const;
  const key = `chats.${account}`;
  if (old === null) return [{ effect, key, text: 'is new' }];
  if (now === null) return [{ effect, key, text: 'is gone' }];
  const fields = Object.keys({ ...old, ...now }).filter((key) => !isSame(settingOf(old, key), settingOf(now, key)));
  if (fields.length > 0) return [{ effect, key, text: `another ${keysOf(fields, platform, [old, now]).join(', ')}` }];
  // The platform shows commands to people by its own permissions, or, if the configuration names some, to everyone.
  const isForOthers = platform.showsByPermission && namesChangers(before, platform) !== namesChangers(after, platform);
  return isForOthers ? [{ effect, key, text: 'other people are shown the commands' }] : [];
}

/** Returns the keys that changed, as the file has them: a field of another name shows in the summary. */
function keysOf(
  fields: readonly string[],
  { settings: rules }: PlatformRules,
  [old, now]: readonly [object, object],
): readonly string[] {
  const names = fields.map(written);
  if (names.every((name) => name in rules.keys)) return names;
  const [before, after] = [rules.summary(old), rules.summary(now)] as [object, object];
  const shown = Object.keys({ ...before, ...after }).filter(
    (key) => !isSame(settingOf(before, key), settingOf(after, key)),
  );
  const keys = new Set([...names.filter((name) => name in rules.keys), ...shown]);
  return keys.size > 0 ? [...keys] : names;
}

const settingOf = (settings: object, key: string) => (settings as Readonly<Record<string, unknown>>)[key];

/** `refreshToken` → `refresh_token`, as the file has it. */
const written = (key: string) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function compareRooms(before: readonly RoomConfig[], after: readonly RoomConfig[]): readonly Change[] {
  const old = new Map(before.map((room) => [room.address, room]));
  const now = new Map(after.map((room) => [room.address, room]));
  const effect = { kind: 'rooms' } as const;
  return [
    ...after.filter(({ address }) => !old.has(address)).map((room) => ({ effect, ...titled(room), text: 'begins' })),
    ...before
      .filter(({ address }) => !now.has(address))
      .map((room) => ({ effect, ...titled(room), text: 'ends; its deliveries are parked' })),
    ...after.flatMap((room) => {
      const known = old.get(room.address);
      return known === undefined ? [] : compareRoom(known, room);
    }),
  ];
}

function titled({ name, address }: RoomConfig) {
  return { key: name === address ? `the room ${address}` : `rooms.${name}` };
}

/** The keys of a room that are read when they are needed. */
const roomKeys: readonly (readonly [string, (room: RoomConfig) => unknown])[] = [
  ['timezone', ({ timeZone }) => timeZone],
  ['quiet', ({ quiet }) => quiet],
  ['mask_offensive', ({ masksOffensive }) => masksOffensive],
  ['commands', ({ commands }) => commands],
];

function compareRoom(before: RoomConfig, after: RoomConfig): readonly Change[] {
  const changed = roomKeys.filter(([, of]) => !isSame(of(before), of(after))).map(([key]) => key);
  const atOnce = { effect: { kind: 'atOnce' }, ...titled(after), text: `another ${changed.join(', ')}` } as const;
  const rooms = { kind: 'rooms' } as const;
  return [
    ...(before.name === after.name
      ? []
      : [{ effect: rooms, ...titled(after), text: `another name, before ${before.name}` }]),
    ...(before.account === after.account
      ? []
      : [{ effect: rooms, ...titled(after), text: `another account, now ${after.account}, before ${before.account}` }]),
    ...(isSame(before.waves, after.waves) ? [] : [{ effect: rooms, ...titled(after), text: 'another waves' }]),
    ...(changed.length === 0 ? [] : [atOnce]),
  ];
}

function compareSubscriptions(before: Config, after: Config): readonly Change[] {
  const old = new Map(before.subscriptions.map((one) => [one.id, one]));
  const now = new Map(after.subscriptions.map((one) => [one.id, one]));
  const effect = { kind: 'subscriptions' } as const;
  const [textBefore, textAfter] = [subscriptionText(before), subscriptionText(after)];
  const kept = after.subscriptions.filter(({ id }) => old.has(id));
  const order = before.subscriptions.filter(({ id }) => now.has(id)).map(({ id }) => id);
  return [
    ...after.subscriptions
      .filter(({ id }) => !old.has(id))
      .map((one) => ({
        effect,
        key: `subscriptions, line ${one.line}`,
        text: `${textAfter(one)} begins`,
      })),
    ...before.subscriptions
      .filter(({ id }) => !now.has(id))
      .map((one) => ({ effect, key: 'subscriptions', text: `${textBefore(one)} ends` })),
    ...kept
      .filter((one) => !isSame(compared(old.get(one.id)!), compared(one)))
      .map((one) => ({
        effect,
        key: `subscriptions, line ${one.line}`,
        text: `${textAfter(one)} changed`,
      })),
    ...(isSame(
      order,
      kept.map(({ id }) => id),
    )
      ? []
      : [{ effect, key: 'subscriptions', text: 'another order' }]),
  ];
}

function compared({ events, where, rooms, template, options, isNamed }: FileSubscription) {
  return [formatEventSpec(events), where?.source, rooms, template, options.text, isNamed];
}

/** Returns a function that describes a subscription for people, with the names that a configuration gives to its rooms. */
function subscriptionText(config: Config): (one: FileSubscription) => string {
  const nameOf = new Map(config.rooms.map(({ address, name }) => [address, name]));
  return ({ id, events, rooms }) => {
    const names = rooms.map((address) => nameOf.get(address) ?? address);
    return `${formatEventSpec(events)} → ${names.join(', ')} (id ${id})`;
  };
}

function compareTemplates(before: Config['templates'], after: Config['templates']): readonly Change[] {
  const names = [...new Set([...before.names, ...after.names])].sort();
  return names.flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    if (old?.text === now?.text && old?.file === now?.file) return [];
    const text = old === undefined ? 'is new' : now === undefined ? 'is gone' : 'another text';
    const place =
      old !== undefined && now !== undefined && old.file !== now.file ? `${text}, now from ${now.file}` : text;
    return [{ effect: { kind: 'atOnce' }, key: `template ${name}`, text: place }];
  });
}
