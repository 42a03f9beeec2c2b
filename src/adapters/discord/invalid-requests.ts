import type { Clock } from '../../time/clock.ts';

/**
 * Counts the answers that bring a ban of the whole IP address nearer: 401, 403 and 429, but no 429 of scope `shared`.
 * Discord bans at 10,000 in 10 minutes (https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans).
 */
export interface InvalidRequests {
  /** Time until the next request may be made, in milliseconds; null: the window has room. */
  hold(): number | null;
  note(status: number, scope: string | null): void;
}

export interface InvalidRequestsOptions {
  readonly clock: Clock;
  /** Number in the window from which on no more requests are made. */
  readonly limit: number;
  /** One more was counted. */
  readonly onCounted?: () => void;
  /** The window is full; once an episode, which ends when it is half empty. */
  readonly onFull: (count: number, waitMs: number) => void;
}

const windowMs = 10 * 60_000;
/** Answers are counted by slots of this length, in milliseconds; a slot leaves the window as a whole. */
const slotMs = 10_000;

export function createInvalidRequests({ clock, limit, onFull, onCounted }: InvalidRequestsOptions): InvalidRequests {
  const slots: { readonly until: number; count: number }[] = [];
  let told = false;

  function count(now: number): number {
    while (slots[0] !== undefined && slots[0].until <= now) slots.shift();
    return slots.reduce((sum, slot) => sum + slot.count, 0);
  }

  return {
    hold() {
      const now = clock.monotonic();
      const invalid = count(now);
      if (invalid < limit / 2) told = false;
      const oldest = slots[0];
      if (invalid < limit || oldest === undefined) return null;
      const waitMs = Math.ceil(oldest.until - now);
      if (!told) onFull(invalid, waitMs);
      told = true;
      return waitMs;
    },
    note(status, scope) {
      if (status !== 401 && status !== 403 && (status !== 429 || scope === 'shared')) return;
      onCounted?.();
      const until = endOfSlot(clock.monotonic());
      const newest = slots.at(-1);
      if (newest?.until === until) newest.count++;
      else slots.push({ until, count: 1 });
    },
  };
}

/** When a slot that holds `now` has left the window. */
function endOfSlot(now: number): number {
  return (Math.floor(now / slotMs) + 1) * slotMs + windowMs;
}
