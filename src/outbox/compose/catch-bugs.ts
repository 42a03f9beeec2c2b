import type { Log } from '../../log.ts';
import { troubleOf } from '../../store/trouble.ts';

/** A value that our own code made, or why it could not. */
export type Result<T> =
  | { readonly value: T; readonly failure: null }
  | { readonly value: null; readonly failure: string };

export const ok = <T>(value: T): Result<T> => ({ value, failure: null });

/** Makes something about a subject; a bug becomes a failure. Throws errors of the database, which may work later. */
export type Guard = <T>(subject: string, make: () => T | Promise<T>, otherwise?: string) => Promise<Result<T>>;

/** Makes the guard of a room. A message that cannot be made must not stop the room: the failure is logged, with its effect. */
export function createGuard(log: Log, room: string): Guard {
  return async (subject, make, otherwise = 'dead letter, `lookout outbox` lists it') => {
    try {
      return ok(await make());
    } catch (err) {
      if (troubleOf(err) !== null) throw err;
      log.error({ room, subject, err }, `${subject} could not be made into a message: ${otherwise}`);
      const why = err instanceof Error ? err.message : err;
      return { value: null, failure: `could not be made into a message: ${why}` };
    }
  };
}
