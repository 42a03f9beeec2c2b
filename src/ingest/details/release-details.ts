import type { Trx } from '../../store/tables.ts';
import { AWAITS_DETAILS } from '../new-event.ts';
import { releaseFrom } from '../release-from.ts';

const released = releaseFrom(AWAITS_DETAILS);

/** Releases the deliveries that wait for the details of a post, since they are here. Returns their rooms. */
export async function releaseDetails(trx: Trx, subject: string, now: number): Promise<readonly number[]> {
  return (await released.all(trx, { subject, now })).map(({ room_id: room }) => room);
}
