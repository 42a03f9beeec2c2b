import { sql } from 'kysely';
import type { Database } from '../store/tables.ts';

/** What waits longer than this makes its room one that is behind, in milliseconds. */
const BEHIND_MS = 2_000;

/** Whether what is due in a room waited so long that the room cannot be said to keep up. */
export async function isBehind(db: Database, roomId: number, now: number): Promise<boolean> {
  const row = await db
    .selectFrom('deliveries')
    .select((s) => s.fn.min<number | null>('due_at').as('oldest'))
    .where('room_id', '=', roomId)
    .where('state', '=', sql.lit('waiting'))
    .executeTakeFirst();
  return row?.oldest != null && now - Number(row.oldest) > BEHIND_MS;
}

/** A derived event of which the room has the trigger too is no second thing that happened. */
const isNoEcho = sql<boolean>`not exists (select 1 from events as de join deliveries as dt on dt.event_id = de.trigger_id
  where de.id = d.event_id and dt.room_id = d.room_id)`;

/** Whether more than `count` events reached us for a room since an instant (Unix milliseconds), or wait for it now. */
export async function isMoreThan(
  db: Database,
  roomId: number,
  { since, count }: { readonly since: number; readonly count: number },
  now: number,
): Promise<boolean> {
  const waiting = await db
    .selectFrom('deliveries as d')
    .select('d.id')
    .where('d.room_id', '=', roomId)
    .where('d.state', '=', sql.lit('waiting'))
    .where('d.due_at', '<=', now)
    .where(isNoEcho)
    .limit(count + 1)
    .execute();
  if (waiting.length > count) return true;
  const came = await db
    .selectFrom('events as e')
    .innerJoin('deliveries as d', 'd.event_id', 'e.id')
    .select('d.id')
    .where('e.received_at', '>', since)
    .where('d.room_id', '=', roomId)
    .where('d.state', 'not in', ['muted', 'cancelled'])
    .where(isNoEcho)
    // What a card takes in is no message.
    .where((e) => e.or([e('d.state', '<>', 'sent'), e('d.slot', 'is not', null)]))
    .limit(count + 1)
    .execute();
  return came.length > count;
}
