import { sql } from 'kysely';
import { parseStoredOptions, type SubscriptionOptions } from '../../router/subscription-options.ts';
import { statement } from '../../store/statement.ts';
import type { Database } from '../../store/tables.ts';
import type { EventType, Origin, Role } from '../../words.ts';
import type { Waiting } from './subject-line.ts';

/**
 * States in these queries are literals, not parameters: SQLite uses a partial index only if it sees its condition in the text.
 */

/** A delivery that is due in its room. Its event is read later, if it is needed. */
export interface DueDelivery {
  readonly id: number;
  readonly eventId: number;
  readonly subject: string;
  readonly model: string;
  readonly role: Role | null;
  readonly type: EventType;
  readonly origin: Origin;
  /** Time at which its event reached us, Unix milliseconds. */
  readonly receivedAt: number;
  readonly subscription: string;
  readonly template: string | null;
  /** Those of the subscription. */
  readonly options: SubscriptionOptions;
  readonly attempts: number;
  readonly firstAttemptAt: number | null;
  readonly lastAttemptAt: number | null;
  readonly countedMs: number;
  /** Its place in a room that is behind: the lowest is sent first. */
  readonly priority: number;
  /** True if it must not share a message. */
  readonly isAlone: boolean;
  /** The long gap that it belongs to; null: none. */
  readonly catchUp: number | null;
  /** The key of its row, if it is compared with the last message about that row; null: it is not. */
  readonly rowKey: string | null;
  /** Hash of what its message says about the row; null: not drawn yet, or not compared. */
  readonly content: string | null;
  /** Its place in its subject. */
  readonly place: Waiting;
  /** The id of the room's newest event when it was picked: what was stored since then was not compared with it. */
  readonly newestStored: number;
  /** The error because of which its subject cannot be put in order; null: it can. */
  readonly failure: Error | null;
}

function deliveries(db: Database) {
  return db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select([
      'd.id',
      'd.event_id as eventId',
      'd.subject',
      'e.model',
      'e.role',
      'e.type',
      'e.origin',
      'e.row_id as rowId',
    ])
    .select(['e.received_at as receivedAt', 'e.trigger_id as triggerId', 'd.order_at as orderAt'])
    .select(['d.subscription', 'd.template', 'd.options as optionsText', 'd.attempts', 'd.counted_ms as countedMs'])
    .select(['d.first_attempt_at as firstAttemptAt', 'd.last_attempt_at as lastAttemptAt'])
    .select(['d.priority', 'd.alone', 'd.catch_up as catchUp', 'd.due_at as dueAt', 'd.reason', 'd.row_key as rowKey']);
}

export const deliveryById = statement((db, { id }: { readonly id: number }) => deliveries(db).where('d.id', '=', id));

/** The deliveries of a room that are ready, by priority and arrival. */
export const readyDeliveries = statement(
  (db, { roomId, limit }: { readonly roomId: number; readonly limit: number }) => {
    const newest = db.selectFrom('deliveries').where('room_id', '=', roomId);
    const sameSubject = sql`p.room_id = d.room_id and p.subject = d.subject`;
    return deliveries(db)
      .select(
        sql<number>`exists (select 1 from deliveries p where ${sameSubject} and p.state = 'planned')`.as('isBlocked'),
      )
      .select(
        sql<number>`exists (select 1 from deliveries p where ${sameSubject} and p.state = 'waiting' and p.id <> d.id)`.as(
          'hasOthers',
        ),
      )
      .select(newest.select((e) => e.fn.max<number | null>('event_id').as('id')).as('newestStored'))
      .where('d.room_id', '=', roomId)
      .where('d.state', '=', sql.lit('waiting'))
      .where('d.ready', '=', sql.lit(1))
      .orderBy('d.priority')
      .orderBy('d.id')
      .limit(limit);
  },
);

/** A row of `readyDeliveries`. */
export type ReadyRow = Awaited<ReturnType<typeof readyDeliveries.all>>[number];

export function asWaiting({ id, eventId, dueAt, reason, model, rowId, type, orderAt }: ReadyRow): Waiting {
  return { deliveryId: id, arrival: eventId, dueAt, reason, model, rowId, type, at: orderAt ?? 0 };
}

/** The values that the picker finds out about a delivery. */
type Picked = Pick<DueDelivery, 'place' | 'newestStored' | 'failure'>;

export function asDelivery(row: Awaited<ReturnType<typeof deliveryById.all>>[number], picked: Picked): DueDelivery {
  const { id, eventId, subject, model, role, type, origin, receivedAt, subscription, template, optionsText } = row;
  const { attempts, firstAttemptAt, lastAttemptAt, countedMs, priority, alone, catchUp, rowKey } = row;
  return {
    ...{ id, eventId, subject, model, role, type, origin, receivedAt, subscription, template },
    ...{ attempts, firstAttemptAt, lastAttemptAt, countedMs, priority, catchUp, rowKey, ...picked },
    content: null,
    options: parseStoredOptions(optionsText),
    isAlone: alone === 1,
  };
}
