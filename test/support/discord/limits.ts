import { createHash } from 'node:crypto';
import type { Reply } from './exchange.ts';

/** Limits of a bot's requests: per channel and route in a window of `perMs`, and in total. */
export interface Limits {
  readonly perChannel: number;
  readonly perMs: number;
  readonly globalPerSecond: number;
}

/** As commonly seen; the 50 are documented: https://docs.discord.com/developers/topics/rate-limits#global-rate-limit */
export const realLimits: Limits = { perChannel: 5, perMs: 5_000, globalPerSecond: 50 };
/** The usual headers, but no limit. */
export const noLimits: Limits = { perChannel: 1_000_000, perMs: 5_000, globalPerSecond: Number.POSITIVE_INFINITY };

export interface Passage {
  /** The headers about the bucket in every answer to this request. */
  readonly headers: Readonly<Record<string, string>>;
  /** The 429 if the request is refused. */
  readonly refused: Reply | null;
}

const seconds = (ms: number) => (ms / 1_000).toFixed(3);

/**
 * Returns a 429 with all of Discord's fields. `scope`:
 * https://docs.discord.com/developers/topics/rate-limits#header-format
 */
export function tooMany(
  waitMs: number,
  scope: 'user' | 'global' | 'shared',
  more: { readonly headers?: Readonly<Record<string, string>>; readonly code?: number; readonly message?: string } = {},
): Reply {
  const { headers = {}, code = 0, message = 'You are being rate limited.' } = more;
  return {
    status: 429,
    headers: {
      ...headers,
      'retry-after': String(Math.ceil(waitMs / 1_000)),
      'x-ratelimit-scope': scope,
      ...(scope === 'global' ? { 'x-ratelimit-global': 'true' } : {}),
    },
    body: { message, retry_after: Number(seconds(waitMs)), global: scope === 'global', code },
  };
}

/** Creates the buckets of one bot: a window begins with its first request and ends `perMs` later. */
export function createLimits(now: () => number, limits: () => Limits) {
  const windows = new Map<string, { used: number; until: number }>();

  function count(key: string, most: number, perMs: number): { readonly left: number; readonly leftMs: number } {
    let window = windows.get(key);
    if (window === undefined || now() >= window.until) {
      window = { used: 0, until: now() + perMs };
      windows.set(key, window);
    }
    window.used++;
    return { left: most - window.used, leftMs: window.until - now() };
  }

  return {
    /** Counts a request. `route`: method and path with the ids replaced; `resource`: the channel or guild of its limit. */
    pass(route: string, resource: string): Passage {
      const { perChannel, perMs, globalPerSecond } = limits();
      const all = count('global', globalPerSecond, 1_000);
      if (all.left < 0) return { headers: {}, refused: tooMany(all.leftMs, 'global') };
      const { left, leftMs } = count(`${route} ${resource}`, perChannel, perMs);
      const headers = {
        'x-ratelimit-limit': String(perChannel),
        'x-ratelimit-remaining': String(Math.max(0, left)),
        'x-ratelimit-reset': seconds(now() + leftMs),
        'x-ratelimit-reset-after': seconds(leftMs),
        'x-ratelimit-bucket': createHash('md5').update(route).digest('hex'),
      };
      return { headers, refused: left < 0 ? tooMany(leftMs, 'user', { headers }) : null };
    },
  };
}
