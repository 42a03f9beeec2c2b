import type { Platform } from './platforms.ts';

/** The rooms of a configuration; `waves` as there. */
export interface BenchedRooms {
  readonly count: number;
  readonly waves: 'off' | 'on';
  /** Default `posts#create`. */
  readonly events?: string;
  /** Hours in which the rooms are quiet; without it none. */
  readonly quiet?: string;
}

/** A configuration without a store. */
export interface BenchedConfig {
  readonly subscriptions: readonly object[];
}

/** Returns a configuration that posts each `posts#create`, or other events, to a number of rooms of a platform. */
export function roomsConfig(
  cable: string,
  platform: Platform,
  url: string,
  { count, waves, events = 'posts#create', quiet }: BenchedRooms,
): BenchedConfig {
  const names = Array.from({ length: count }, (_, index) => `room${index + 1}`);
  const room = (index: number) => ({
    to: `${platform.name}:${platform.room(index + 1)}`,
    ...(waves === 'off' && { waves }),
    ...(quiet !== undefined && { quiet }),
  });
  const others = {
    source: { url: cable, key: 'bench-key' },
    chats: platform.chats(url),
    rooms: Object.fromEntries(names.map((name, index) => [name, room(index)])),
  };
  return { ...others, subscriptions: [{ events, rooms: names }] };
}
