import { sql } from 'kysely';
import { statement } from '../../store/statement.ts';
import type { Database } from '../../store/tables.ts';

/** A room in which something ready waits longer than this is behind, in milliseconds. */
const BEHIND_MS = 2_000;
/** Of so many of a room's newest deliveries, for each that is asked for, it is looked at what became of them. */
const LOOKED_AT = 4;

const oldestReady = statement((db, { roomId }: { readonly roomId: number }) =>
  db
    .selectFrom('deliveries')
    .select((s) => s.fn.min<number | null>('due_at').as('oldest'))
    .where('room_id', '=', roomId)
    .where('state', '=', sql.lit('waiting'))
    .where('ready', '=', sql.lit(1)),
);

/** True if what is due in a room waited so long that the room cannot be said to keep up. */
export async function isBehind(db: Database, roomId: number, now: number): Promise<boolean> {
  const row = await oldestReady.first(db, { roomId });
  return row?.oldest != null && now - Number(row.oldest) > BEHIND_MS;
}

interface Newest {
  readonly roomId: number;
  readonly limit: number;
}

/** A derived event whose trigger the room has, too, is not a second thing that happened. */
const isEcho = sql<number>`(e.trigger_id is not null and exists (
  select 1 from deliveries t where t.event_id = e.trigger_id and t.room_id = d.room_id))`;

const ready = statement((db, { roomId, limit }: Newest) =>
  db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select(isEcho.as('isEcho'))
    .where('d.room_id', '=', roomId)
    .where('d.state', '=', sql.lit('waiting'))
    .where('d.ready', '=', sql.lit(1))
    .limit(limit),
);

const newest = statement((db, { roomId, limit }: Newest) =>
  db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select(['d.state', 'd.slot', 'e.received_at as receivedAt', isEcho.as('isEcho')])
    .where('d.room_id', '=', roomId)
    .orderBy('d.event_id', 'desc')
    .limit(limit),
);

/**
 * True if more than `count` events reached us for a room since an instant (Unix milliseconds), or are ready for it now. Reads four
 * times as many deliveries at most: among those that a mute stopped, or a card took in, a few may be overlooked.
 */
export async function exceedsRate(
  db: Database,
  roomId: number,
  { since, count }: { readonly since: number; readonly count: number },
): Promise<boolean> {
  const limit = LOOKED_AT * (count + 1);
  const waiting = await ready.all(db, { roomId, limit });
  if (waiting.filter((row) => !row.isEcho).length > count) return true;
  const came = await newest.all(db, { roomId, limit });
  return came.filter((row) => !row.isEcho && row.receivedAt > since && isMessage(row)).length > count;
}

/** A delivery that was stopped is not a message, nor is one that a card took in. */
function isMessage({ state, slot }: { readonly state: string; readonly slot: number | null }): boolean {
  if (state === 'muted' || state === 'cancelled') return false;
  return state !== 'sent' || slot !== null;
}
