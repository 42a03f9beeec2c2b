import { troubleOf } from '../../store/trouble.ts';
import { PlannedElsewhereError } from '../rows/planned-elsewhere.ts';

/** Equal failures of our own code that end a piece of work. */
const MOST_EQUAL = 3;
/** Most pieces of work that are counted at once. */
const MOST_WORK = 100;

/** Counts the failures of our own code on each piece of work. */
export interface Strikes {
  /** Notes a failure. Returns why the work is given up if it was the last one allowed, else null. Errors of the database, and work of another worker, do not count. */
  note(work: string, error: unknown): string | null;
  /** Forgets work that succeeded, or was given up. */
  clear(work: string): void;
}

/** Makes the counter of one room. */
export function createStrikes(): Strikes {
  const counted = new Map<string, { readonly reason: string; readonly count: number }>();
  return {
    note(work, error) {
      if (troubleOf(error) !== null || error instanceof PlannedElsewhereError) return null;
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
