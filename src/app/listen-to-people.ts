import { platformOfAccount } from '../account-id.ts';
import type { NamedRoom } from '../adapters/adapter.ts';
import type { Commands } from '../commands/commands.ts';
import { findRoom } from '../commands/find-room.ts';
import { createGreet, type Greet } from '../notices/greeting.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { StoredRoom } from '../outbox/rows/rooms.ts';
import type { AccountKeeper } from '../outbox/send/account.ts';
import { findNamedRoom } from '../rooms/named-room.ts';
import type { PlatformName } from '../words.ts';
import type { Base } from './build-base.ts';
import { answerTurns } from './create-adapters.ts';
import type { AppOptions } from './options.ts';
import { hasRoom, type Share } from './share.ts';

export interface ListenParts {
  readonly base: Base;
  readonly outbox: Pick<Outbox, 'accounts' | 'roomChanged' | 'roomReplaced'>;
  readonly commands: Commands;
}

/** Returns a function that makes the adapter of an account pass on what people write, and what happens to rooms. */
export function createListen(options: AppOptions, parts: ListenParts): (keeper: AccountKeeper) => void {
  const { base, outbox, commands } = parts;
  const { run, complete, ignores, isForUs, table } = commands;
  const { inEffect } = base;
  const greet = greetingOf(options, base);
  /** Returns true for a user that is one of our accounts: they do not talk to each other. */
  const isOurs = (platform: PlatformName, user: string) =>
    outbox.accounts.some(
      ({ adapter, state }) => adapter.platform === platform && state.state === 'ready' && state.account.id === user,
    ) || isOfOthers(base.share, platform, user);
  /** A unit has rooms of one account, and people name those of all. */
  const rooms = () => namedRooms(base);
  return (keeper) => {
    const { id: account, adapter } = keeper;
    const { platform } = adapter;
    adapter.listen({
      ...{ table, isForUs },
      run: (invocation) => run({ ...invocation, account }),
      complete: (completion) => complete({ ...completion, account }),
      get rooms() {
        return inEffect.rooms.filter((room) => room.account === account).map(written);
      },
      turns: answerTurns(keeper),
      ignores: (asker) => isOurs(platform, asker) || ignores(account, asker),
      get roomNames() {
        return [...new Set(rooms().map(({ name }) => name))];
      },
      namedRoom: (word) => namedRoom(rooms(), word),
      greet: (room) => greet({ platform, account, room }),
      onRoomChanged: (address) => outbox.roomChanged(account, address),
      onRoomReplaced: (from, to) => outbox.roomReplaced(account, from, to),
    });
  };
}

type Room = Pick<StoredRoom, 'name' | 'address' | 'platform'>;

/** Returns the rooms that people may name: those in effect, and those of the configuration that other units have. Pure. */
export function namedRooms({ share, inEffect, config }: Pick<Base, 'share' | 'inEffect' | 'config'>): readonly Room[] {
  if (share === null) return inEffect.rooms;
  return [...config().rooms.filter((room) => !hasRoom(share, room)), ...inEffect.rooms];
}

/** Returns true for a user as which an account of another unit is logged in. Pure. */
export function isOfOthers(share: Pick<Share, 'users'> | null, platform: PlatformName, user: string): boolean {
  if (share === null) return false;
  return [...share.users()].some(([account, id]) => platformOfAccount(account) === platform && id === user);
}

/** Returns the address of a room as written, without the platform's name. */
const written = ({ address, platform }: Room) => address.slice(`${platform}:`.length);

/** Returns the room that a word names. */
function namedRoom(rooms: readonly Room[], word: string): NamedRoom | null {
  const found = findNamedRoom(word, rooms);
  return found.outcome === 'unknown' ? null : { platform: found.room.platform, room: written(found.room) };
}

/** Makes the function that greets rooms; it greets none while the configuration says so. */
function greetingOf({ clock, log }: AppOptions, { db, config }: Base): Greet {
  const greet = createGreet({
    ...{ db, log, source: config().source, now: () => clock.now() },
    async takesSubscriptions(place) {
      const { id } = await findRoom(db, { ...place, direct: false }, () => 'UTC');
      return config().commands.rooms === 'any' || id !== null;
    },
    isOfAnother: async (place) =>
      (await findRoom(db, { ...place, direct: false }, () => 'UTC')).account !== place.account,
  });
  return async (place) => (config().greets ? greet(place) : null);
}
