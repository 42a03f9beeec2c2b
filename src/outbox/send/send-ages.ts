import type { Clock } from '../../time/clock.ts';
import type { StoredSend } from '../rows/send-row.ts';

/** How long ago a send was tried. */
export interface SendAge {
  /** Since the first attempt, in milliseconds, rather too much than too little; Infinity where nobody knows. */
  readonly firstMs: number;
  /** Since the last attempt that we know of, in milliseconds, rather too little than too much. */
  readonly lastMs: number;
  /** When the first attempt was, by today's clock, rather too early; Unix milliseconds, 0 where nobody knows. */
  readonly firstAt: number;
}

/** Knows how old the sends of a room are, whatever the clock of the machine is set to meanwhile. */
export interface SendAges {
  /** The attempt that is noted in `send` is made now. */
  attempted(send: StoredSend): void;
  of(send: StoredSend): SendAge;
  /** It was settled. */
  forget(send: StoredSend): void;
}

/** By the monotonic clock. */
interface Attempts {
  readonly first: number;
  readonly last: number;
}

/**
 * The stored times are those of the wall clock, since they outlive the process. For what this process did or saw the
 * monotonic clock counts too, and a doubt makes a send older: then the room is looked through before anything is repeated.
 */
export function createSendAges(clock: Clock): SendAges {
  const known = new Map<number, Attempts>();

  /** A send of an earlier process, seen for the first time. */
  function adopt(send: StoredSend): Attempts {
    const now = clock.now();
    const at = clock.monotonic();
    const wasSetBack = now < send.last_attempt_at || send.last_attempt_at < send.first_attempt_at;
    const attempts = wasSetBack
      ? { first: Number.NEGATIVE_INFINITY, last: at }
      : { first: at - (now - send.first_attempt_at), last: at - (now - send.last_attempt_at) };
    known.set(send.id, attempts);
    return attempts;
  }

  return {
    attempted(send) {
      const at = clock.monotonic();
      const first = send.attempts === 1 ? at : (known.get(send.id) ?? adopt(send)).first;
      known.set(send.id, { first, last: at });
    },
    of(send) {
      const { first, last } = known.get(send.id) ?? adopt(send);
      const at = clock.monotonic();
      const now = clock.now();
      // The monotonic clock stands still while the machine sleeps, the other one may have been set back.
      const firstMs = Math.max(at - first, now - send.first_attempt_at);
      return { firstMs, lastMs: at - last, firstAt: Math.max(0, now - firstMs) };
    },
    forget: (send) => void known.delete(send.id),
  };
}
