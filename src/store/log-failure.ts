import type { Log, LogFields } from '../log.ts';
import { troubleOf } from './trouble.ts';

/**
 * Logs a failure that is retried. If the database is the cause, this line is only logged at level debug, because
 * `trouble-watch.ts` reports the database once instead of every room at every attempt.
 */
export function logFailure(log: Log, err: unknown, fields: LogFields, text: string): void {
  if (troubleOf(err) === null) log.error({ ...fields, err }, text);
  else log.debug({ ...fields, err }, text);
}
