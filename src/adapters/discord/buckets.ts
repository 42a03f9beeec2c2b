import type { Clock } from '../../time/clock.ts';
import { createRateWindow } from '../../time/rate-window.ts';

/** Why a request may not go yet. */
export interface Hold {
  readonly scope: 'room' | 'account';
  readonly waitMs: number;
}

/**
 * The limits that Discord's headers gave, so that a request which would only get a 429 is not made
 * (https://discord.com/developers/docs/topics/rate-limits#header-format).
 *
 * discord.js keeps the same books, but sleeps by them with timers that it cannot stop: even where it is told to reject, it
 * has started one by then (@discordjs/rest 2.6.3, SequentialHandler.runRequest). So they are kept here, by our clock.
 */
export interface Buckets {
  /** Null: the request may go now, and is counted. `isCounted`: whether the limit over all buckets is for it, too. */
  take(bucket: string, isCounted: boolean): Hold | null;
  /** Notes the headers of an answer that was no refusal; what a 429 asks for is the asker's to wait out. */
  note(bucket: string, headers: Headers): void;
}

/** The most by which a bucket's reset is late, in milliseconds: the way there and back, and clocks that differ. */
const marginMs = 50;

/** `perSecond`: how many requests a bot may make in any second, over all buckets. */
export function createBuckets(clock: Clock, perSecond: number): Buckets {
  const empty = new Map<string, number>();
  const recent = createRateWindow(perSecond, 1_000);

  return {
    take(bucket, isCounted) {
      const now = clock.monotonic();
      const resetAt = empty.get(bucket) ?? 0;
      if (resetAt > now) return { scope: 'room', waitMs: Math.ceil(resetAt - now) };
      empty.delete(bucket);
      if (!isCounted) return null;
      const waitMs = recent.waitMs(now);
      if (waitMs > 0) return { scope: 'account', waitMs: Math.ceil(waitMs) };
      recent.add(now);
      return null;
    },
    note(bucket, headers) {
      const remaining = number(headers.get('x-ratelimit-remaining'));
      const resetAfter = number(headers.get('x-ratelimit-reset-after'));
      if (remaining !== 0 || resetAfter === null) return;
      const now = clock.monotonic();
      for (const [name, resetAt] of empty) if (resetAt <= now) empty.delete(name);
      empty.set(bucket, now + Math.ceil(resetAfter * 1_000) + marginMs);
    },
  };
}

function number(header: string | null): number | null {
  return header !== null && /^\d+(\.\d+)?$/.test(header) ? Number(header) : null;
}
