import { sql } from 'kysely';
import { statement } from '../store/statement.ts';
import type { Database } from '../store/tables.ts';

const countWaiting = statement((db, { roomId }: { readonly roomId: number }) =>
  db.selectNoFrom((s) =>
    // Literals: SQLite uses the partial indexes of waiting deliveries only if it sees their conditions in the text.
    (['waiting', 'planned'] as const).map((state) =>
      s
        .selectFrom('deliveries')
        .select((e) => e.fn.countAll<number>().as('count'))
        .where('room_id', '=', roomId)
        .where('state', '=', sql.lit(state))
        .as(state),
    ),
  ),
);

/** Returns the number of deliveries that wait in a room. */
export async function waitingIn(db: Database, roomId: number): Promise<number> {
  const row = await countWaiting.first(db, { roomId });
  return Number(row?.waiting ?? 0) + Number(row?.planned ?? 0);
}

/** Returns the event spec of what a message shows, `posts#create;feedbacks#create`; null if it is not a message of ours. */
export async function eventsLike(db: Database, roomId: number, platformId: string): Promise<string | null> {
  const rows = await db
    .selectFrom('messages as m')
    .innerJoin('deliveries as d', 'd.message_id', 'm.id')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select(['e.model', 'e.type'])
    .where('m.room_id', '=', roomId)
    .where('m.platform_id', '=', platformId)
    .execute();
  return rows.length === 0 ? null : [...new Set(rows.map((row) => `${row.model}#${row.type}`))].join(';');
}
