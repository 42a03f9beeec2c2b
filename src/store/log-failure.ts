import type { Log, LogFields } from '../log.ts';
import { troubleOf } from './trouble.ts';

/**
 * Says that something failed which is tried again. Where the database is the cause it is said once for all (see
 * `trouble-watch.ts`), not by every room and every attempt: then this line is for whoever asks for debug.
 */
export function logFailure(log: Log, err: unknown, fields: LogFields, text: string): void {
  if (troubleOf(err) === null) log.error({ ...fields, err }, text);
  else log.debug({ ...fields, err }, text);
}
