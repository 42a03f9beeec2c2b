import { sql } from 'kysely';
import { inChunks } from '../../store/in-chunks.ts';
import { numberIn, textIn } from '../../store/sql.ts';
import type { Trx } from '../../store/tables.ts';
import type { StoredSend } from './send-row.ts';

/** A new message that the platform shows. */
export interface Sent {
  readonly send: StoredSend;
  readonly platformId: string;
}

interface Shown {
  readonly messageId: number;
  readonly platformId: string;
}

const noteShown = inChunks((db, rows: readonly Shown[]) => {
  const values = sql.join(
    rows.map(({ messageId, platformId }) => sql`(${numberIn(messageId)}, ${textIn(platformId)})`),
  );
  return db
    .updateTable('messages')
    .from(sql`(values ${values})`.as('v'))
    .set({ platform_id: sql<string>`v.column2`, content: null })
    .where('messages.id', '=', sql<number>`v.column1`);
});

interface Ended {
  readonly id: number;
  readonly now: number;
}

/** All rows of one chunk ended at the same instant. */
const endSends = inChunks((db, rows: readonly Ended[]) =>
  db
    .updateTable('sends')
    .set({ state: sql.lit('sent' as const), reason: null, settled_at: rows[0]!.now, payload: sql.lit('') })
    .where(
      'id',
      'in',
      rows.map(({ id }) => id),
    ),
);

const endDeliveries = inChunks((db, rows: readonly Ended[]) =>
  db
    .updateTable('deliveries')
    .set({ state: sql.lit('sent' as const), reason: null, settled_at: rows[0]!.now })
    .where(
      'message_id',
      'in',
      rows.map(({ id }) => id),
    )
    .where('state', '=', sql.lit('planned')),
);

/** Settles sends of new messages that are shown, with their messages and deliveries. */
export async function settleSent(trx: Trx, sent: readonly Sent[], now: number): Promise<void> {
  await noteShown.all(
    trx,
    sent.map(({ send, platformId }) => ({ messageId: send.message_id, platformId })),
  );
  await endSends.all(
    trx,
    sent.map(({ send }) => ({ id: send.id, now })),
  );
  await endDeliveries.all(
    trx,
    sent.map(({ send }) => ({ id: send.message_id, now })),
  );
}
