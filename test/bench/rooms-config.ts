import type { Platform } from './platforms.ts';

/** The rooms of a configuration; `waves` as there. */
export interface BenchedRooms {
  readonly count: number;
  readonly waves: 'off' | 'on';
}

/** Returns a configuration that posts each `posts#create` to a number of rooms of a platform. */
export function roomsConfig(cable: string, platform: Platform, url: string, { count, waves }: BenchedRooms): object {
  const names = Array.from({ length: count }, (_, index) => `room${index + 1}`);
  const room = (index: number) => ({
    to: `${platform.name}:${platform.room(index + 1)}`,
    ...(waves === 'off' && { waves }),
  });
  return {
    source: { url: cable, key: 'bench-key' },
    chats: platform.chats(url),
    rooms: Object.fromEntries(names.map((name, index) => [name, room(index)])),
    subscriptions: [{ events: 'posts#create', rooms: names }],
  };
}
