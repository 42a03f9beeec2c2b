import { platforms } from './platforms.ts';

const { matrix } = platforms;

/** Returns a configuration that posts each `posts#create` to `rooms` rooms, which several Matrix accounts share equally. */
export function accountsConfig(cable: string, homeserver: string, accounts: number, rooms: number): object {
  const names = Array.from({ length: rooms }, (_, index) => `room${index + 1}`);
  const account = (index: number) => `bot${index + 1}`;
  return {
    source: { url: cable, key: 'bench-key' },
    chats: {
      matrix: Array.from({ length: accounts }, (_, index) => ({
        ...{ name: account(index), homeserver, token: `bench-token-${index + 1}` },
      })),
    },
    rooms: Object.fromEntries(
      names.map((name, index) => [
        name,
        { to: `matrix:${matrix.room(index + 1)}`, account: account(index % accounts), waves: 'off' },
      ]),
    ),
    subscriptions: [{ events: 'posts#create', rooms: names }],
  };
}
