import { statement } from '../../store/statement.ts';
import type { Trx } from '../../store/tables.ts';
import type { SendSafeguards } from '../rules/safeguards.ts';
import type { DueDelivery } from './due-deliveries.ts';
import { waitingIn } from './subject-line.ts';

/** The deliveries that wait in a room for events that were stored after another. */
const cameSince = statement((db, { roomId, after }: { readonly roomId: number; readonly after: number }) =>
  waitingIn(db, roomId).select('d.subject').where('d.event_id', '>', after),
);

/**
 * Returns the ids of those deliveries before which something has to be sent that was stored since they were picked. Drawing them takes a
 * while in a flood, in which every room has its turn. Call it in the transaction that plans them, so that nothing comes in between.
 */
export async function overtakenOf(
  trx: Trx,
  roomId: number,
  picked: readonly DueDelivery[],
  inOrder: SendSafeguards['inOrder'],
): Promise<ReadonlySet<number>> {
  const overtaken = new Set<number>();
  if (picked.length === 0) return overtaken;
  const after = Math.min(...picked.map(({ newestStored }) => newestStored));
  const ids = new Set(picked.map(({ id }) => id));
  const came = (await cameSince.all(trx, { roomId, after })).filter(({ deliveryId }) => !ids.has(deliveryId));
  for (const subject of new Set(came.map((row) => row.subject))) {
    const places = picked.filter((delivery) => delivery.subject === subject).map(({ place }) => place);
    if (places.length === 0) continue;
    const line = inOrder([...places, ...came.filter((row) => row.subject === subject)]);
    const first = line.findIndex(({ deliveryId }) => !ids.has(deliveryId));
    for (const { deliveryId } of line.slice(first)) if (ids.has(deliveryId)) overtaken.add(deliveryId);
  }
  return overtaken;
}
