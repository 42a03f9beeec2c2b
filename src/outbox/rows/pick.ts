import { sql } from 'kysely';
import { parseStoredOptions, type SubscriptionOptions } from '../../router/subscription-options.ts';
import { statement } from '../../store/statement.ts';
import type { Database } from '../../store/tables.ts';
import type { EventType, Origin } from '../../words.ts';
import type { SendSafeguards } from '../rules/safeguards.ts';
import { type HeldBy, holdBehind } from './hold-behind.ts';
import { firstOf, type Line, lineOf, readLine, take, type Waiting } from './subject-line.ts';

/**
 * States in these queries are literals, not parameters: SQLite uses a partial index only if it sees its condition in the text.
 */

/** A delivery that is due in its room. Its event is read when it is needed. */
export interface DueDelivery {
  readonly id: number;
  readonly eventId: number;
  readonly subject: string;
  readonly model: string;
  readonly type: EventType;
  readonly origin: Origin;
  /** When its event reached us, Unix milliseconds. */
  readonly receivedAt: number;
  readonly subscription: string;
  readonly template: string | null;
  /** Those of the subscription. */
  readonly options: SubscriptionOptions;
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
  /** Why its subject cannot be put in order; null: it can. */
  readonly failure: Error | null;
}

/** Gives the deliveries that are due in a room one by one, none twice. */
export interface Picker {
  /** The next one; null if nothing (more) is due. */
  next(): Promise<DueDelivery | null>;
  /** Leaves out the subject of a delivery that was picked and is not taken. */
  skipSubject(delivery: DueDelivery): void;
  /** How many subjects turned out to have to wait. */
  readonly held: number;
}

/** No more deliveries than this are looked at for one message. */
const MOST_LOOKED_AT = 1_200;

function deliveries(db: Database) {
  return db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select(['d.id', 'd.event_id as eventId', 'd.subject', 'e.model', 'e.type', 'e.origin', 'e.row_id as rowId'])
    .select(['e.received_at as receivedAt', 'e.updated_at as updatedAt', 'e.trigger_id as triggerId'])
    .select(['d.subscription', 'd.template', 'd.options as optionsText', 'd.attempts', 'd.counted_ms as countedMs'])
    .select(['d.first_attempt_at as firstAttemptAt', 'd.last_attempt_at as lastAttemptAt'])
    .select(['d.priority', 'd.alone', 'd.catch_up as catchUp', 'd.due_at as dueAt', 'd.reason']);
}

const deliveryById = statement((db, { id }: { readonly id: number }) => deliveries(db).where('d.id', '=', id));

const readyDeliveries = statement((db, { roomId, limit }: { readonly roomId: number; readonly limit: number }) => {
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
    .where('d.room_id', '=', roomId)
    .where('d.state', '=', sql.lit('waiting'))
    .where('d.ready', '=', sql.lit(1))
    .orderBy('d.priority')
    .orderBy('d.id')
    .limit(limit);
});

type PageRow = Awaited<ReturnType<typeof readyDeliveries.all>>[number];

/**
 * Picks by priority, then by arrival, and within a subject by its order; what was picked is as good as sent, so that the next one of its
 * subject is free. A subject is held back while a delivery of it is in a send without a clear answer, or while what comes first in it
 * is not due yet: its deliveries are then set to be due when that one is, so that they are not looked at again before.
 *
 * It reads a page of about `expected` deliveries, and a larger one only if that was not enough: its work does not grow with what waits.
 */
export function createPicker(
  db: Database,
  roomId: number,
  now: number,
  inOrder: SendSafeguards['inOrder'],
  expected: number,
): Picker {
  const taken = new Set<number>();
  const left = new Set<string>();
  const lines = new Map<string, Line>();
  let held = 0;
  let page: readonly PageRow[] = [];
  let at = 0;
  let limit = 0;

  /** Reads the page, at first and when it was used up; false if there is nothing beyond it. */
  async function turnPage(): Promise<boolean> {
    if ((limit > 0 && page.length < limit) || limit >= MOST_LOOKED_AT) return false;
    limit = limit === 0 ? expected : Math.min(MOST_LOOKED_AT, limit * 4);
    page = await readyDeliveries.all(db, { roomId, limit });
    at = 0;
    return page.length > 0;
  }

  async function findLine(row: PageRow): Promise<Line> {
    const known = lines.get(row.subject);
    if (known !== undefined) return known;
    const isOnly = !row.hasOthers && row.triggerId === null;
    const line = isOnly ? lineOf([asWaiting(row)]) : await readLine(db, roomId, row.subject);
    lines.set(row.subject, line);
    return line;
  }

  /** The first of a row's subject; an error if it cannot be told, null if the rest of a long line has to be read first. */
  async function firstOfSubject(row: PageRow): Promise<Waiting | Error | null> {
    const line = await findLine(row);
    try {
      const first = firstOf(line, inOrder);
      if (first !== null && first.dueAt <= now) take(line, first);
      return first;
    } catch (err) {
      return err instanceof Error ? err : new Error(String(err));
    }
  }

  async function load(id: number): Promise<DueDelivery> {
    taken.add(id);
    const row = page.find((each) => each.id === id) ?? (await deliveryById.first(db, { id }));
    if (row === undefined) throw new Error(`delivery ${id} is not in the store`);
    return asDelivery(row, null);
  }

  async function hold(subject: string, by: HeldBy): Promise<void> {
    left.add(subject);
    held++;
    await holdBehind(db, roomId, subject, by, now);
  }

  return {
    get held() {
      return held;
    },
    async next() {
      for (;;) {
        const row = page[at];
        if (row === undefined) {
          if (await turnPage()) continue;
          return null;
        }
        if (taken.has(row.id) || left.has(row.subject)) {
          at++;
          continue;
        }
        if (row.isBlocked) {
          await hold(row.subject, 'open send');
          continue;
        }
        const first = await firstOfSubject(row);
        if (first !== null && !(first instanceof Error) && first.dueAt <= now) return load(first.deliveryId);
        left.add(row.subject);
        if (first instanceof Error) return asDelivery(row, first);
        if (first !== null) await hold(row.subject, first);
      }
    },
    skipSubject({ subject }) {
      left.add(subject);
    },
  };
}

function asWaiting({ id, eventId, dueAt, reason, model, rowId, type, updatedAt, receivedAt }: PageRow): Waiting {
  return { deliveryId: id, arrival: eventId, dueAt, reason, model, rowId, type, updatedAt, receivedAt };
}

function asDelivery(row: Omit<PageRow, 'isBlocked' | 'hasOthers'>, failure: Error | null): DueDelivery {
  const { id, eventId, subject, model, type, origin, receivedAt, subscription, template, optionsText } = row;
  const { attempts, firstAttemptAt, lastAttemptAt, countedMs, priority, alone, catchUp } = row;
  return {
    ...{ id, eventId, subject, model, type, origin, receivedAt, subscription, template },
    ...{ attempts, firstAttemptAt, lastAttemptAt, countedMs, priority, catchUp, failure },
    options: parseStoredOptions(optionsText),
    isAlone: alone === 1,
  };
}
