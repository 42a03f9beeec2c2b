import { sql } from 'kysely';
import { statement } from '../../store/statement.ts';
import type { Trx } from '../../store/tables.ts';
import { AWAITS_DETAILS } from '../new-event.ts';

const released = statement((db, { subject, now }: { readonly subject: string; readonly now: number }) =>
  db
    .updateTable('deliveries')
    .set({ due_at: now, ready: sql.lit(1), reason: null })
    .where('subject', '=', subject)
    .where('reason', '=', sql.lit(AWAITS_DETAILS))
    .where('state', '=', sql.lit('waiting'))
    .returning('room_id'),
);

/** Releases the deliveries that wait for the details of a post, since they are here. Returns their rooms. */
export async function releaseDetails(trx: Trx, subject: string, now: number): Promise<readonly number[]> {
  return (await released.all(trx, { subject, now })).map(({ room_id: room }) => room);
}
