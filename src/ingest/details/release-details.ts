import { sql } from 'kysely';
import type { Trx } from '../../store/tables.ts';
import { AWAITS_DETAILS } from '../new-event.ts';

/** Releases the deliveries that wait for the details of a post, since they are here. Returns their rooms. */
export async function releaseDetails(trx: Trx, subject: string, now: number): Promise<readonly number[]> {
  const released = await trx
    .updateTable('deliveries')
    .set({ due_at: now, ready: 1, reason: null })
    .where('subject', '=', subject)
    .where('reason', '=', sql.lit(AWAITS_DETAILS))
    .where('state', '=', sql.lit('waiting'))
    .returning('room_id')
    .execute();
  return released.map(({ room_id: room }) => room);
}
