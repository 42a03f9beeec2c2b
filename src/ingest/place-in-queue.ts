import type { Priority } from '../router/priority.ts';
import { storedEvent } from '../store/stored-event.ts';
import type { Trx } from '../store/tables.ts';
import { twinsOfOne } from '../subject-rows/twins.ts';
import { isAutoflag } from '../subjects/autoflag.ts';

/** Most flags of a post that are read, newest first: there are rarely more than five. */
const mostFlags = 50;

/** Returns the place of an event among those that wait, by the known facts about its post. */
export async function placeInQueue(trx: Trx, subject: string, { place, ifAutoflagged }: Priority): Promise<number> {
  if (place === ifAutoflagged) return place;
  const rows = await trx
    .selectFrom('events')
    .selectAll()
    .where('subject', 'in', [subject, ...(await twinsOfOne(trx, subject))])
    .where('role', '=', 'flag')
    .orderBy('id', 'desc')
    .limit(mostFlags)
    .execute();
  return rows.map(storedEvent).some(isAutoflag) ? ifAutoflagged : place;
}
