import type { Database } from '../../store/tables.ts';
import type { DueDelivery } from '../rows/due-deliveries.ts';
import { lastAboutRow } from '../rows/last-about-row.ts';

/**
 * The message that an update repeats. `shown`: the last one about its row, for a reason in words; `gathered`: one that is
 * about to be sent. Null: it is news.
 */
export type Repeats = { readonly of: 'shown'; readonly reason: string } | { readonly of: 'gathered' } | null;

/**
 * Returns what a drawn update repeats. Creates and destroys are always news. It is compared with the last message
 * about the row that the room surely has, if it is of the same subscription: not with a dead letter, nor with one that a mute stopped.
 * People whom the subscription mentions are not pinged for an update that repeats a message.
 *
 * @param gathered the deliveries that are sent before it and are not in the room yet
 */
export async function repeatedBy(
  db: Database,
  roomId: number,
  delivery: DueDelivery,
  gathered: readonly DueDelivery[],
): Promise<Repeats> {
  const { type, rowKey, content, subscription } = delivery;
  if (type !== 'update' || rowKey === null || content === null) return null;
  const before = gathered.findLast((one) => one.rowKey === rowKey);
  const isSame = (one: Pick<DueDelivery, 'content' | 'subscription'>) =>
    one.content === content && one.subscription === subscription;
  if (before !== undefined) return isSame(before) ? { of: 'gathered' } : null;
  const last = await lastAboutRow.first(db, { roomId, rowKey });
  if (last === undefined || !isSame(last)) return null;
  const which = last.platformId === null ? 'the last message' : `message ${last.platformId}, the last one`;
  return { of: 'shown', reason: `it says the same as ${which} about this row` };
}
