import type { Trx } from '../store/tables.ts';
import { readSubject } from '../subject-rows/read-subject.ts';
import type { NewDelivery, NewEvent } from './new-event.ts';

/**
 * Returns the deliveries of an event that the same transaction wrote. Reads what is stored about its post, this event
 * included, if a condition asks about it.
 */
export async function deliveriesOf(
  trx: Trx,
  { event, deliveries, decide }: Pick<NewEvent, 'event' | 'deliveries' | 'decide'>,
): Promise<readonly NewDelivery[]> {
  return decide === null ? deliveries : decide(await readSubject(trx, event, event.receivedAt));
}
