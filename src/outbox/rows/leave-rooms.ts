import { sql } from 'kysely';
import type { Trx } from '../../store/tables.ts';
import { moveCards } from './cards.ts';
import { cardsAfterWave } from './cards-after-wave.ts';
import { discard } from './settle.ts';

/**
 * Leaves rooms that were replaced by others on their platform. The messages in the old ones can only be changed and answered there, so
 * they stay as they are: cards continue in the new room, a wave ends there as any does and begins anew here, and a notice that was to answer a
 * message stands by itself. Messages that were to be created are created in the new room.
 */
export async function leaveRooms(trx: Trx, roomIds: readonly number[], now: number): Promise<void> {
  if (roomIds.length === 0) return;
  const changes = trx
    .selectFrom('sends')
    .selectAll()
    .where('room_id', 'in', roomIds)
    .where('state', '=', sql.lit('pending'))
    .where('target', 'is not', null);
  for (const send of await changes.execute()) await discard(trx, send, {}, now);
  for (const id of roomIds) await cardsAfterWave(trx, id, now);
  await moveCards(trx, roomIds, now);
  const messages = () => trx.updateTable('messages').where('room_id', 'in', roomIds);
  await messages().set({ answers: null, answers_in: null }).where('content', 'is not', null).execute();
  await messages().set({ wave: null, grows: 0, redraw_at: null }).where('platform_id', 'is not', null).execute();
}
