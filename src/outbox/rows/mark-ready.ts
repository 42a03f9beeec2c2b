import { sql } from 'kysely';
import { statement } from '../../store/statement.ts';
import type { Database } from '../../store/tables.ts';

/** Most deliveries that become ready in one statement: nothing else runs meanwhile. */
const BATCH = 500;

const markSome = statement((db, { roomId, now }: { readonly roomId: number; readonly now: number }) =>
  db
    .updateTable('deliveries')
    .set({ ready: sql.lit(1) })
    .where('id', 'in', (s) =>
      s
        .selectFrom('deliveries')
        .select('id')
        .where('room_id', '=', roomId)
        .where('state', '=', sql.lit('waiting'))
        .where('ready', '=', sql.lit(0))
        .where('due_at', '<=', now)
        .orderBy('due_at')
        .limit(sql.lit(BATCH)),
    ),
);

/** Makes deliveries ready whose time has come, the longest due first: the worker picks among those that are ready. */
export async function markReady(db: Database, roomId: number, now: number): Promise<void> {
  await markSome.run(db, { roomId, now });
}
