import { fileURLToPath } from 'node:url';

export const platformNames = ['matrix', 'discord'] as const;
export type PlatformName = (typeof platformNames)[number];

/** A chat platform in the bench. */
export interface Platform {
  readonly name: PlatformName;
  readonly title: string;
  /** The program that stands in for it. */
  readonly program: string;
  /** The id of a room there, counted from 1. */
  room(index: number): string;
  /** `chats` of the configuration, for a platform at `url`. */
  chats(url: string): Readonly<Record<string, unknown>>;
  /** Limit of messages per second of one account on our own side, whatever the server says. */
  readonly perSecond: number;
}

const program = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Has the form of a bot's token. */
export const benchToken = 'MTIzNDU2Nzg5MDEyMzQ1Njc4.Bench1.bench-token-for-loopback-only-token';

export const platforms: Readonly<Record<PlatformName, Platform>> = {
  matrix: {
    name: 'matrix',
    title: 'Matrix',
    program: program('./fake-homeserver.ts'),
    room: (index) => `!room${index}:localhost`,
    chats: (homeserver) => ({ matrix: { homeserver, token: 'bench-token' } }),
    perSecond: Number.POSITIVE_INFINITY,
  },
  discord: {
    name: 'discord',
    title: 'Discord',
    program: program('./fake-discord.ts'),
    room: (index) => String(1_000_000_000_000_000_000n + BigInt(index)),
    chats: (url) => ({ discord: { api: `${url}/api`, token: benchToken } }),
    // The limit for any client: https://docs.discord.com/developers/topics/rate-limits#global-rate-limit
    perSecond: 50,
  },
};
