import { sql } from 'kysely';
import { inChunks } from '../../store/in-chunks.ts';
import { numberIn, textIn } from '../../store/sql.ts';
import type { Trx } from '../../store/tables.ts';
import { expectAllPlanned } from './planned-elsewhere.ts';
import { insertSends, type StoredSend, sendRowOf } from './send-row.ts';
import { type NewMessage, type Planned, storePlan } from './store-send.ts';

/** A message of one delivery, which never changes. */
interface Single extends Planned {
  readonly message: { readonly kind: 'new'; readonly message: NewMessage };
}

interface MessageRow {
  readonly room_id: number;
  readonly subject: string;
  readonly pinged: string | null;
  readonly created_at: number;
}

const insertMessages = inChunks((db, rows: readonly MessageRow[]) =>
  db
    .insertInto('messages')
    .values(
      rows.map((row) => ({
        room_id: row.room_id,
        subject: row.subject,
        pinged: row.pinged,
        created_at: row.created_at,
        kind: sql.lit('single' as const),
        grows: sql.lit(0 as const),
      })),
    )
    .returning('id'),
);

interface PlannedRow {
  readonly id: number;
  readonly messageId: number;
  readonly countedMs: number;
  readonly now: number;
  readonly content: string | null;
}

/** `column1`, `column2` … are the names that SQLite and PostgreSQL give the columns of `values`. */
const markPlanned = inChunks((db, rows: readonly PlannedRow[]) => {
  const values = sql.join(
    rows.map(
      ({ id, messageId, countedMs, now, content }) =>
        sql`(${numberIn(id)}, ${numberIn(messageId)}, ${numberIn(countedMs)}, ${numberIn(now)}, ${textIn(content)})`,
    ),
  );
  return db
    .updateTable('deliveries')
    .from(sql`(values ${values})`.as('v'))
    .set({
      state: sql.lit('planned' as const),
      reason: null,
      message_id: sql<number>`v.column2`,
      slot: sql.lit(0),
      attempts: sql<number>`attempts + 1`,
      first_attempt_at: sql<number>`coalesce(first_attempt_at, v.column4)`,
      last_attempt_at: sql<number>`v.column4`,
      counted_ms: sql<number>`v.column3`,
      content: sql<string | null>`v.column5`,
    })
    .where('deliveries.id', '=', sql<number>`v.column1`)
    .where('deliveries.state', '=', sql.lit('waiting'))
    .returning('deliveries.id');
});

/**
 * Stores messages with their sends, first attempt included, in the order given: messages of one delivery that never change share their
 * statements, each of the others has its own (see `storePlan`).
 * Throws a `PlannedElsewhereError` if a delivery does not wait any more.
 */
export async function storePlans(trx: Trx, plans: readonly Planned[]): Promise<StoredSend[]> {
  if (plans.length < 2 || !plans.every(isSingle)) {
    const stored: StoredSend[] = [];
    for (const plan of plans) stored.push(await storePlan(trx, plan));
    return stored;
  }
  const messageIds = ascending(await insertMessages.all(trx, plans.map(messageRowOf)));
  const rows = plans.map((plan, index) => {
    const { subject } = plan.message.message;
    return sendRowOf(plan, { messageId: messageIds[index]!, subject, action: { kind: 'create' } });
  });
  const sendIds = ascending(await insertSends.all(trx, rows));
  const deliveries = plans.flatMap(({ deliveries: [delivery], now }, index) =>
    delivery === undefined ? [] : [{ ...delivery, messageId: messageIds[index]!, now }],
  );
  expectAllPlanned(deliveries.length, (await markPlanned.all(trx, deliveries)).length);
  return rows.map((row, index) => ({ id: sendIds[index]!, ...row }));
}

/** Ids grow with insertion: sorted, they stand in the order of the rows. */
function ascending(rows: readonly { readonly id: number }[]): readonly number[] {
  return rows.map(({ id }) => id).sort((a, b) => a - b);
}

function isSingle(plan: Planned): plan is Single {
  if (plan.failure !== null || plan.deliveries.length !== 1 || plan.message.kind !== 'new') return false;
  const { kind, wave, answers, cards } = plan.message.message;
  return !plan.gathers && kind === 'single' && wave.kind === 'none' && answers === null && cards.kind === 'none';
}

function messageRowOf({ roomId, now, message: { message } }: Single): MessageRow {
  return { room_id: roomId, subject: message.subject, pinged: message.pinged, created_at: now };
}
