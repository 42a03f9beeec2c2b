import { type Selectable, sql } from 'kysely';
import type { Message } from '../render/message.ts';
import { storedEvent } from '../store/stored-event.ts';
import type { Database, SendsTable } from '../store/tables.ts';
import type { Event } from '../words.ts';
import type { Orderable } from './order.ts';
import type { Safeguards } from './safeguards.ts';

export type StoredSend = Selectable<SendsTable>;

/**
 * States in these queries are literals, not parameters: SQLite uses a partial index only where it sees its condition in the text.
 */

/** A delivery that is next in its room, with its event. */
export interface DueDelivery {
  readonly id: number;
  readonly subject: string;
  readonly subscription: string;
  readonly template: string | null;
  readonly event: Event;
  readonly attempts: number;
  readonly firstAttemptAt: number | null;
  readonly lastAttemptAt: number | null;
  readonly countedMs: number;
}

/** A message of our own that waits to be sent, such as the end of a mute. */
export interface UnsentNotice {
  readonly messageId: number;
  readonly subject: string;
  readonly message: Message;
}

/** What a room's worker does next. */
export type Work =
  | { readonly kind: 'repeat'; readonly send: StoredSend }
  | { readonly kind: 'plan'; readonly delivery: DueDelivery }
  | { readonly kind: 'notice'; readonly notice: UnsentNotice }
  /** Nothing is due; `until` is when something will be, Unix milliseconds, null if nothing waits. */
  | { readonly kind: 'wait'; readonly until: number | null };

interface Waiting extends Orderable {
  readonly deliveryId: number;
  readonly dueAt: number;
  readonly reason: string | null;
}

/**
 * Finds what is next in a room: a send to repeat, else the first delivery, by arrival, whose subject is free. A subject is
 * held back while a send of its own has no clear answer, or while what comes first in it is not due yet.
 */
export async function nextWork(
  db: Database,
  roomId: number,
  now: number,
  inOrder: Safeguards['inOrder'],
): Promise<Work> {
  const pending = await db
    .selectFrom('sends')
    .selectAll()
    .where('room_id', '=', roomId)
    .where('state', '=', sql.lit('pending'))
    .orderBy('due_at')
    .limit(1)
    .executeTakeFirst();
  if (pending !== undefined && pending.due_at <= now) return { kind: 'repeat', send: pending };

  const notice = await unsentNotice(db, roomId);
  if (notice !== null) return { kind: 'notice', notice };

  for (;;) {
    const subject = await firstDueSubject(db, roomId, now);
    if (subject === null) break;
    const first = inOrder(await candidates(db, roomId, subject))[0];
    if (first === undefined) break;
    if (first.dueAt <= now) return { kind: 'plan', delivery: await load(db, first.deliveryId) };
    await holdBehind(db, roomId, subject, first);
  }
  const due = [pending?.due_at, await nextDueAt(db, roomId, now)].filter((at) => typeof at === 'number');
  return { kind: 'wait', until: due.length === 0 ? null : Math.min(...due) };
}

async function unsentNotice(db: Database, roomId: number): Promise<UnsentNotice | null> {
  const row = await db
    .selectFrom('messages as m')
    .select(['m.id', 'm.subject', 'm.content'])
    .where('m.room_id', '=', roomId)
    .where('m.content', 'is not', null)
    // One whose send has no clear answer, or is a dead letter, is not planned a second time.
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('sends as s')
            .select('s.id')
            .whereRef('s.message_id', '=', 'm.id')
            .where('s.state', 'in', ['pending', 'dead']),
        ),
      ),
    )
    .orderBy('m.id')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined || row.content === null) return null;
  return { messageId: row.id, subject: row.subject, message: JSON.parse(row.content) as Message };
}

async function firstDueSubject(db: Database, roomId: number, now: number): Promise<string | null> {
  const row = await db
    .selectFrom('deliveries')
    .select('subject')
    .where('room_id', '=', roomId)
    .where('state', '=', sql.lit('waiting'))
    // The plus keeps SQLite from sorting all that is due: in order of arrival the first row is nearly always the one.
    .where(sql<number>`+due_at`, '<=', now)
    .where('subject', 'not in', (s) =>
      s
        .selectFrom('sends')
        .select('sends.subject')
        .where('room_id', '=', roomId)
        .where('state', '=', sql.lit('pending')),
    )
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row?.subject ?? null;
}

/** What comes behind in a subject waits as long as what comes first, and for the same reason: it is not looked at again. */
async function holdBehind(db: Database, roomId: number, subject: string, first: Waiting): Promise<void> {
  await db
    .updateTable('deliveries')
    .set({ due_at: first.dueAt, reason: first.reason })
    .where('room_id', '=', roomId)
    .where('subject', '=', subject)
    .where('state', '=', sql.lit('waiting'))
    .where(sql<number>`+due_at`, '<', first.dueAt)
    .execute();
}

/**
 * Of all that waits in a subject the few that may be first, by arrival: what came first, what stands first by time, and
 * what holds back a destroy that came first. `inOrder` puts the same one first among these as among all.
 */
async function candidates(db: Database, roomId: number, subject: string): Promise<Waiting[]> {
  const waiting = db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select([
      'd.id as deliveryId',
      'd.due_at as dueAt',
      'd.reason',
      'e.id as arrival',
      'e.model',
      'e.row_id as rowId',
      'e.type',
      'e.updated_at as updatedAt',
      'e.received_at as receivedAt',
    ])
    .where('d.room_id', '=', roomId)
    .where('d.subject', '=', subject)
    .where('d.state', '=', sql.lit('waiting'))
    .limit(1);
  const timed = waiting.where('d.order_at', 'is not', null);
  const earliest = await waiting.orderBy('d.event_id').executeTakeFirst();
  const byTime = timed.orderBy('d.order_at').orderBy('d.order_rank').orderBy('d.event_id');
  const found = [earliest, await byTime.executeTakeFirst()];
  if (earliest?.type === 'destroy' && earliest.rowId !== null)
    found.push(
      await timed.where('e.model', '=', earliest.model).where('e.row_id', '=', earliest.rowId).executeTakeFirst(),
    );
  const first = new Map(found.filter((item) => item !== undefined).map((item) => [item.arrival, item]));
  return [...first.values()].sort((a, b) => a.arrival - b.arrival);
}

async function load(db: Database, deliveryId: number): Promise<DueDelivery> {
  const row = await db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .selectAll('e')
    .select([
      'd.id as delivery_id',
      'd.subscription',
      'd.template',
      'd.attempts',
      'd.first_attempt_at',
      'd.last_attempt_at',
      'd.counted_ms',
    ])
    .where('d.id', '=', deliveryId)
    .executeTakeFirstOrThrow();
  return {
    id: row.delivery_id,
    subject: row.subject,
    subscription: row.subscription,
    template: row.template,
    event: storedEvent(row),
    attempts: row.attempts,
    firstAttemptAt: row.first_attempt_at,
    lastAttemptAt: row.last_attempt_at,
    countedMs: row.counted_ms,
  };
}

async function nextDueAt(db: Database, roomId: number, now: number): Promise<number | null> {
  const row = await db
    .selectFrom('deliveries')
    .select((s) => s.fn.min<number | null>('due_at').as('due'))
    .where('room_id', '=', roomId)
    .where('state', '=', sql.lit('waiting'))
    .where('due_at', '>', now)
    .executeTakeFirst();
  return row?.due ?? null;
}
