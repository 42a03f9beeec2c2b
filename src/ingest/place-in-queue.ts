import { isAutoflag } from '../metasmoke/autoflag.ts';
import type { Priority } from '../router/priority.ts';
import { storedEvent } from '../store/stored-event.ts';
import type { Trx } from '../store/tables.ts';

/** So many of a post's newest flags are looked at: there are hardly more than five. */
const mostFlags = 50;

/** The place of an event among what waits, by what is known about its post. */
export async function placeInQueue(trx: Trx, subject: string, { place, ifAutoflagged }: Priority): Promise<number> {
  if (place === ifAutoflagged) return place;
  const rows = await trx
    .selectFrom('events')
    .selectAll()
    .where('subject', '=', subject)
    .where('model', '=', 'flag_logs')
    .orderBy('id', 'desc')
    .limit(mostFlags)
    .execute();
  return rows.map(storedEvent).some(isAutoflag) ? ifAutoflagged : place;
}
