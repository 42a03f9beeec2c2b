import type { Clock } from '../../time/clock.ts';

/** A room that asks for a turn, and the urgency of its work: 0 is the most urgent. */
interface Asking {
  readonly room: number;
  readonly urgency: number;
  readonly begin: () => void;
}

/** Lets rooms that share an account send one after the other. */
export interface Turns {
  /** Resolves when it is the room's turn, with the function that ends the turn; null once `signal` is aborted. */
  take(room: number, urgency: number, signal: AbortSignal): Promise<(() => void) | null>;
}

/** Urgency of work that is done only if nothing else wants a turn. */
export const LAST = Number.POSITIVE_INFINITY;

/** Number of turns of the most urgent rooms for one of the least urgent. */
const greatestWeight = 5;

/**
 * Gives turns by stride scheduling: the more urgent a room is, the less it pays for a turn, and the room that has paid least is next. So a
 * busy room does not keep a quiet one waiting, and urgent rooms have more turns. `LAST` has its turn when no other
 * asks.
 */
export function createTurns(clock: Clock): Turns {
  const asking = new Set<Asking>();
  /** The sum that each room has paid for its turns. */
  const paid = new Map<number, number>();
  /** The sum that the last room had paid before its turn: a room that was silent has no claim to the turns that it did not take. */
  let least = 0;
  let isTaken = false;

  const paidBy = (room: number) => Math.max(paid.get(room) ?? 0, least);

  function begin(): void {
    if (isTaken || asking.size === 0) return;
    const usual = [...asking].filter(({ urgency }) => urgency !== LAST);
    const first = (usual.length > 0 ? usual : [...asking]).reduce((a, b) => (paidBy(b.room) < paidBy(a.room) ? b : a));
    isTaken = true;
    asking.delete(first);
    const before = paidBy(first.room);
    paid.set(first.room, before + 1 / Math.max(1, greatestWeight - first.urgency));
    least = before;
    first.begin();
  }

  /** Lets rooms that want a turn at the same moment ask first, including the one that has just had its turn. */
  const beginSoon = () => void clock.after(0, begin);

  function end(): void {
    isTaken = false;
    beginSoon();
  }

  return {
    take(room, urgency, signal) {
      if (signal.aborted) return Promise.resolve(null);
      return new Promise((resolve) => {
        const stop = () => {
          asking.delete(one);
          resolve(null);
        };
        const one: Asking = {
          room,
          urgency,
          begin() {
            signal.removeEventListener('abort', stop);
            resolve(end);
          },
        };
        signal.addEventListener('abort', stop, { once: true });
        asking.add(one);
        beginSoon();
      });
    },
  };
}
