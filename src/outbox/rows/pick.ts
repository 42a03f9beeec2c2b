import { sql } from 'kysely';
import { parseStoredOptions, type SubscriptionOptions } from '../../router/subscription-options.ts';
import { statement } from '../../store/statement.ts';
import type { Database } from '../../store/tables.ts';
import type { EventType, Origin, Role } from '../../words.ts';
import type { SendSafeguards } from '../rules/safeguards.ts';
import { type HeldBy, holdBehind } from './hold-behind.ts';
import { firstOf, type Line, lineOf, readLine, take, type Waiting } from './subject-line.ts';

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
  /** The error because of which its subject cannot be put in order; null: it can. */
  readonly failure: Error | null;
}

/** Gives the deliveries that are due in a room one by one, none twice. */
export interface Picker {
  /** The next one; null if nothing (more) is due. */
  next(): Promise<DueDelivery | null>;
  /** Skips the subject of a delivery that was picked and is not taken. */
  skipSubject(delivery: DueDelivery): void;
  /** Number of subjects that turned out to have to wait. */
  readonly held: number;
}

/** Most deliveries that are read for one message. */
const MOST_LOOKED_AT = 1_200;

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
 * Picks by priority, then by arrival, and within a subject by its order. A picked delivery counts as sent, so that the next one of its
 * subject is free. A subject is held back while a delivery of it is in a send without a clear answer, or while its first delivery
 * is not due yet: its deliveries then become due when that one does, so that they are not read again before.
 *
 * It reads a page of about `expected` deliveries, and a larger one only if that was not enough: its work does not grow with the backlog.
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

  /** Reads the page, at first and when it was used up. Returns false if there is nothing beyond it. */
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

  /** Returns the first of a row's subject; an error if our own code fails to find it, null if the rest of a long line has to be read first. */
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

function asWaiting({ id, eventId, dueAt, reason, model, rowId, type, orderAt }: PageRow): Waiting {
  return { deliveryId: id, arrival: eventId, dueAt, reason, model, rowId, type, at: orderAt ?? 0 };
}

function asDelivery(row: Omit<PageRow, 'isBlocked' | 'hasOthers'>, failure: Error | null): DueDelivery {
  const { id, eventId, subject, model, role, type, origin, receivedAt, subscription, template, optionsText } = row;
  const { attempts, firstAttemptAt, lastAttemptAt, countedMs, priority, alone, catchUp } = row;
  return {
    ...{ id, eventId, subject, model, role, type, origin, receivedAt, subscription, template },
    ...{ attempts, firstAttemptAt, lastAttemptAt, countedMs, priority, catchUp, failure },
    options: parseStoredOptions(optionsText),
    isAlone: alone === 1,
  };
}
