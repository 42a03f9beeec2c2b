import type { Clock } from '../../time/clock.ts';

/** Whoever asks for turns, and how urgent what it has is: 0 is the most urgent. */
interface Asking {
  readonly room: number;
  readonly urgency: number;
  readonly begin: () => void;
}

/** Lets rooms that share an account send one after the other. */
export interface Turns {
  /** Resolves when it is the room's turn, with what ends the turn; null once `signal` is aborted. */
  take(room: number, urgency: number, signal: AbortSignal): Promise<(() => void) | null>;
}

/** So urgent is what goes only when nothing else wants a turn. */
export const LAST = Number.POSITIVE_INFINITY;

/** The most urgent get so many turns for one of the least urgent. */
const greatestWeight = 5;

/**
 * Turns by stride scheduling: every turn costs a room the less the more urgent it is, and who has paid least is next. So a
 * room with much to say does not keep a quiet one waiting, and what is urgent goes more often. `LAST` goes when no other
 * asks.
 */
export function createTurns(clock: Clock): Turns {
  const asking = new Set<Asking>();
  /** What each room has paid for its turns. */
  const paid = new Map<number, number>();
  /** What the room had paid that was next last: who was silent for a while has no claim on the turns that it did not take. */
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

  /** Whoever wants a turn at the same moment is to be asked, too: also who has just had one. */
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
