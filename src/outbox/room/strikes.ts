import { troubleOf } from '../../store/trouble.ts';

/** So many equal failures of our own code on one piece of work end it. */
const MOST_EQUAL = 3;
/** So many pieces of work are counted at once. */
const MOST_WORK = 100;

/** Counts the failures of our own code on each piece of work. */
export interface Strikes {
  /** Notes a failure; gives why the work is given up if it was the last one allowed, else null. The database's trouble counts for nothing. */
  note(work: string, error: unknown): string | null;
  /** The work went well, or was given up. */
  clear(work: string): void;
}

/** Makes the count of one room. */
export function createStrikes(): Strikes {
  const counted = new Map<string, { readonly reason: string; readonly count: number }>();
  return {
    note(work, error) {
      if (troubleOf(error) !== null) return null;
      const reason = error instanceof Error ? error.message : String(error);
      const before = counted.get(work);
      const count = before?.reason === reason ? before.count + 1 : 1;
      if (counted.size >= MOST_WORK) counted.clear();
      counted.set(work, { reason, count });
      return count < MOST_EQUAL ? null : `our own code failed on it: ${reason}`;
    },
    clear: (work) => void counted.delete(work),
  };
}
