import { sql } from 'kysely';
import { readOptions } from '../router/subscription-options.ts';
import type { Trx } from '../store/tables.ts';
import type { Event } from '../words.ts';
import type { NewDelivery } from './new-event.ts';

/**
 * Two detectors may report one post, each under an id of its own. Gives why a report needs no message in a room: the subject
 * of the one that the room has already; null where it does.
 */
export async function reportedAlready(trx: Trx, event: Event, delivery: NewDelivery): Promise<string | null> {
  const { mergeReportsMs: withinMs } = readOptions(delivery.options);
  const { link } = event.object;
  if (withinMs === null || event.model !== 'posts' || event.type !== 'create') return null;
  if (typeof link !== 'string' || link === '') return null;
  const first = await trx
    .selectFrom('events as e')
    .innerJoin('deliveries as d', 'd.event_id', 'e.id')
    .select('e.subject')
    .where('e.received_at', '>', event.receivedAt - withinMs)
    .where('e.model', '=', 'posts')
    .where('e.type', '=', 'create')
    .where('e.subject', '<>', event.subject)
    .where(sql`json_extract(e.object, '$.link')`, '=', link)
    .where('d.room_id', '=', delivery.roomId)
    .where('d.subscription', '=', delivery.subscription)
    .where('d.state', 'in', ['waiting', 'planned', 'sent'])
    .orderBy('e.id')
    .limit(1)
    .executeTakeFirst();
  return first === undefined ? null : `the same post was reported as ${first.subject} before`;
}
