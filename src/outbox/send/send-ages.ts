import type { Clock } from '../../time/clock.ts';
import type { StoredSend } from '../rows/send-row.ts';

/** Time since the attempts of a send. */
export interface SendAge {
  /** Time since the first attempt, ms, rather too much than too little; Infinity if it is not known. */
  readonly firstMs: number;
  /** Time since the last known attempt, ms, rather too little than too much. */
  readonly lastMs: number;
  /** Time of the first attempt by the current clock, rather too early, Unix milliseconds; 0 if it is not known. */
  readonly firstAt: number;
}

/** Knows how old the sends of a room are, whatever the clock of the machine is set to meanwhile. */
export interface SendAges {
  /** Notes that the attempt in `send` is made now. */
  attempted(send: StoredSend): void;
  of(send: StoredSend): SendAge;
  /** Forgets a send that was settled. */
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
