import { sql } from 'kysely';
import { storedEvent } from '../store/stored-event.ts';
import type { Database } from '../store/tables.ts';
import type { Orderable } from '../subjects/order.ts';
import type { Event, EventObject } from '../words.ts';
import type { Safeguards } from './safeguards.ts';

/**
 * States in these queries are literals, not parameters: SQLite uses a partial index only where it sees its condition in the text.
 */

/** A delivery that is next in its room, with its event. */
export interface DueDelivery {
  readonly id: number;
  readonly subject: string;
  readonly subscription: string;
  readonly template: string | null;
  /** Those of the subscription. */
  readonly options: EventObject;
  readonly event: Event;
  readonly attempts: number;
  readonly firstAttemptAt: number | null;
  readonly lastAttemptAt: number | null;
  readonly countedMs: number;
  /** The lower, the sooner it goes to a room that is behind. */
  readonly priority: number;
  /** It may share no message. */
  readonly isAlone: boolean;
  /** The long gap that it belongs to; null: none. */
  readonly catchUp: number | null;
}

interface Waiting extends Orderable {
  readonly deliveryId: number;
  readonly dueAt: number;
  readonly reason: string | null;
}

/** Gives the deliveries that are due in a room one by one, none twice. */
export interface Picker {
  /** The next one; null where nothing (more) is due. */
  next(): Promise<DueDelivery | null>;
  /** Leaves out the subject of a delivery that was picked and is not taken. */
  putBack(delivery: DueDelivery): void;
}

/**
 * Picks by priority, then by arrival; what was picked is as good as sent, so that the next one of its subject is free. A
 * subject is held back while a delivery of it is in a send without a clear answer, or while what comes first in it is not
 * due yet.
 */
export function createPicker(db: Database, roomId: number, now: number, inOrder: Safeguards['inOrder']): Picker {
  const taken: number[] = [];
  const left: string[] = [];

  async function firstDueSubject(): Promise<string | null> {
    const row = await db
      .selectFrom('deliveries')
      .select('subject')
      .where('room_id', '=', roomId)
      .where('state', '=', sql.lit('waiting'))
      // The plus keeps SQLite from sorting all that is due: in this order the first row is nearly always the one.
      .where(sql<number>`+due_at`, '<=', now)
      .$if(taken.length > 0, (q) => q.where('id', 'not in', taken))
      .$if(left.length > 0, (q) => q.where('subject', 'not in', left))
      .where('subject', 'not in', (s) =>
        s
          .selectFrom('deliveries as p')
          .select('p.subject')
          .where('p.room_id', '=', roomId)
          .where('p.state', '=', sql.lit('planned')),
      )
      .orderBy('priority')
      .orderBy('id')
      .limit(1)
      .executeTakeFirst();
    return row?.subject ?? null;
  }

  /**
   * Of all that waits in a subject the few that may be first, by arrival: what came first, what stands first by time, and
   * what holds back a destroy that came first. `inOrder` puts the same one first among these as among all.
   */
  async function candidates(subject: string): Promise<Waiting[]> {
    const waiting = db
      .selectFrom('deliveries as d')
      .innerJoin('events as e', 'e.id', 'd.event_id')
      // A derived event stands where its trigger does, directly behind it.
      .leftJoin('events as t', 't.id', 'e.trigger_id')
      .select((s) => [
        'd.id as deliveryId',
        'd.due_at as dueAt',
        'd.reason',
        'e.id as arrival',
        s.fn.coalesce('t.model', 'e.model').as('model'),
        s.fn.coalesce('t.row_id', 'e.row_id').as('rowId'),
        s.fn.coalesce('t.type', 'e.type').as('type'),
        s.fn.coalesce('t.updated_at', 'e.updated_at').as('updatedAt'),
        // Where the row has no time this stands in for it, and a clock that was set back is made up for in it.
        s.fn.coalesce('d.order_at', 't.received_at', 'e.received_at').as('receivedAt'),
      ])
      .where('d.room_id', '=', roomId)
      .where('d.subject', '=', subject)
      .where('d.state', '=', sql.lit('waiting'))
      .$if(taken.length > 0, (q) => q.where('d.id', 'not in', taken))
      .limit(1);
    const timed = waiting.where('d.order_at', 'is not', null);
    const earliest = await waiting.orderBy('d.event_id').executeTakeFirst();
    const byTime = timed.orderBy('d.order_at').orderBy('d.order_rank').orderBy('d.event_id');
    const found = [earliest, await byTime.executeTakeFirst()];
    if (earliest?.type === 'destroy' && earliest.rowId !== null)
      found.push(
        await timed
          .where((s) => s(s.fn.coalesce('t.model', 'e.model'), '=', earliest.model))
          .where((s) => s(s.fn.coalesce('t.row_id', 'e.row_id'), '=', earliest.rowId))
          .executeTakeFirst(),
      );
    const first = new Map(found.filter((item) => item !== undefined).map((item) => [item.arrival, item]));
    return [...first.values()].sort((a, b) => a.arrival - b.arrival);
  }

  /** What comes behind in a subject waits as long as what comes first, and for the same reason: it is not looked at again. */
  async function holdBehind(subject: string, first: Waiting): Promise<void> {
    await db
      .updateTable('deliveries')
      .set({ due_at: first.dueAt, reason: first.reason })
      .where('room_id', '=', roomId)
      .where('subject', '=', subject)
      .where('state', '=', sql.lit('waiting'))
      .where(sql<number>`+due_at`, '<', first.dueAt)
      .$if(taken.length > 0, (q) => q.where('id', 'not in', taken))
      .execute();
  }

  return {
    async next() {
      for (;;) {
        const subject = await firstDueSubject();
        if (subject === null) return null;
        const first = inOrder(await candidates(subject))[0];
        if (first === undefined) return null;
        if (first.dueAt > now) {
          await holdBehind(subject, first);
          continue;
        }
        taken.push(first.deliveryId);
        return load(db, first.deliveryId);
      }
    },
    putBack({ subject }) {
      left.push(subject);
    },
  };
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
      'd.options',
      'd.attempts',
      'd.first_attempt_at',
      'd.last_attempt_at',
      'd.counted_ms',
      'd.priority',
      'd.alone',
      'd.catch_up',
    ])
    .where('d.id', '=', deliveryId)
    .executeTakeFirstOrThrow();
  return {
    id: row.delivery_id,
    subject: row.subject,
    subscription: row.subscription,
    template: row.template,
    options: JSON.parse(row.options) as EventObject,
    event: storedEvent(row),
    attempts: row.attempts,
    firstAttemptAt: row.first_attempt_at,
    lastAttemptAt: row.last_attempt_at,
    countedMs: row.counted_ms,
    priority: row.priority,
    isAlone: row.alone === 1,
    catchUp: row.catch_up,
  };
}
