import { sql } from 'kysely';
import { statement } from '../../store/statement.ts';
import type { Database } from '../../store/tables.ts';

/** Longest wait of a ready delivery in a room that keeps up, ms. */
const BEHIND_MS = 2_000;
/** Number of a room's newest deliveries that are read for each one that is counted. */
const LOOKED_AT = 4;

const oldestReady = statement((db, { roomId }: { readonly roomId: number }) =>
  db
    .selectFrom('deliveries')
    .select((s) => s.fn.min<number | null>('due_at').as('oldest'))
    .where('room_id', '=', roomId)
    .where('state', '=', sql.lit('waiting'))
    .where('ready', '=', sql.lit(1)),
);

/** Returns true if a room does not keep up: a ready delivery waited too long. */
export async function isBehind(db: Database, roomId: number, now: number): Promise<boolean> {
  const row = await oldestReady.first(db, { roomId });
  return row?.oldest != null && now - Number(row.oldest) > BEHIND_MS;
}

interface Newest {
  readonly roomId: number;
  readonly limit: number;
}

interface Upwards extends Newest {
  /** Unix milliseconds. */
  readonly since: number;
}

/** Number of deliveries that are ready, and of those whose events came since an instant, each up to a limit. Indexes alone are read. */
const counts = statement((db, { roomId, since, limit }: Upwards) => {
  const number = sql<number>`count(*)`.as('number');
  const waiting = db
    .selectFrom('deliveries')
    .select('id')
    .where('room_id', '=', roomId)
    .where('state', '=', sql.lit('waiting'))
    .where('ready', '=', sql.lit(1))
    .limit(limit);
  // Ids grow with arrival.
  const first = db
    .selectFrom('events')
    .select('id')
    .where('received_at', '>', since)
    .orderBy('received_at')
    .limit(sql.lit(1));
  const came = db
    .selectFrom('deliveries')
    .select('event_id')
    .where('room_id', '=', roomId)
    .where('event_id', '>=', first)
    .limit(limit);
  return db.selectNoFrom([
    db.selectFrom(waiting.as('w')).select(number).as('ready'),
    db.selectFrom(came.as('c')).select(number).as('came'),
  ]);
});

/** A derived event whose trigger the room gets too: it does not count. */
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
 * Returns true if more than `count` events reached us for a room since an instant (Unix milliseconds), or are ready for it now. Reads four
 * times as many deliveries at most: if a mute stopped some, or a card took them in, a few others may be missed.
 */
export async function exceedsRate(
  db: Database,
  roomId: number,
  { since, count }: { readonly since: number; readonly count: number },
): Promise<boolean> {
  const most = await counts.first(db, { roomId, since, limit: count + 1 });
  const limit = LOOKED_AT * (count + 1);
  if (Number(most?.ready) > count) {
    const waiting = await ready.all(db, { roomId, limit });
    if (waiting.filter((row) => !row.isEcho).length > count) return true;
  }
  if (Number(most?.came) <= count) return false;
  const came = await newest.all(db, { roomId, limit });
  return came.filter((row) => !row.isEcho && row.receivedAt > since && isMessage(row)).length > count;
}

/** Returns false for a delivery that was stopped, or that a card took in. */
function isMessage({ state, slot }: { readonly state: string; readonly slot: number | null }): boolean {
  if (state === 'muted' || state === 'cancelled') return false;
  return state !== 'sent' || slot !== null;
}
