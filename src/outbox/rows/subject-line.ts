import { sql } from 'kysely';
import { statement } from '../../store/statement.ts';
import type { Database } from '../../store/tables.ts';
import type { Orderable } from '../../subjects/order.ts';
import type { SendSafeguards } from '../rules/safeguards.ts';

/** Number of deliveries of a subject that are put in order together. */
const WINDOW = 32;

/** A delivery that waits in its subject. */
export interface Waiting extends Orderable {
  readonly deliveryId: number;
  readonly dueAt: number;
  readonly reason: string | null;
}

/** The deliveries that wait in one subject of a room, from its first on. */
export interface Line {
  /** By arrival. */
  rows: readonly Waiting[];
}

interface SubjectOfRoom {
  readonly roomId: number;
  readonly subject: string;
}

/** The query of the deliveries that wait in a room, with what decides their order. */
export function waitingIn(db: Database, roomId: number) {
  return (
    db
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
        s.fn.coalesce('d.order_at', sql.lit(0)).as('at'),
      ])
      .where('d.room_id', '=', roomId)
      .where('d.state', '=', sql.lit('waiting'))
  );
}

const waitingAbout = (db: Database, { roomId, subject }: SubjectOfRoom) =>
  waitingIn(db, roomId).where('d.subject', '=', subject);

const firstByTime = statement((db, p: SubjectOfRoom) =>
  waitingAbout(db, p)
    .where('d.order_at', 'is not', null)
    .orderBy('d.order_at')
    .orderBy('d.order_rank')
    .orderBy('d.event_id')
    .limit(sql.lit(WINDOW)),
);

const destroysByArrival = statement((db, p: SubjectOfRoom) =>
  waitingAbout(db, p).where('d.order_at', 'is', null).orderBy('d.event_id').limit(sql.lit(WINDOW)),
);

interface Destroy extends SubjectOfRoom {
  readonly arrival: number;
  readonly model: string;
  readonly rowId: string | null;
}

/** Finds a delivery that stands before a destroy: it came before, or is of the same row. */
const beforeDestroy = statement((db, p: Destroy) =>
  waitingAbout(db, p)
    .where('d.order_at', 'is not', null)
    .where((e) =>
      e.or([
        e('e.id', '<', p.arrival),
        e.and([
          e(e.fn.coalesce('t.model', 'e.model'), '=', p.model),
          e(e.fn.coalesce('t.row_id', 'e.row_id'), '=', p.rowId),
        ]),
      ]),
    )
    .limit(sql.lit(1)),
);

/** Reads the first deliveries of a subject: of a long line no more than a window, in which the order is the same as among all. */
export async function readLine(db: Database, roomId: number, subject: string): Promise<Line> {
  const of = { roomId, subject };
  const timed = await firstByTime.all(db, of);
  const destroys = await destroysByArrival.all(db, of);
  const first = destroys[0];
  if (first === undefined || timed.length < WINDOW) return lineOf([...timed, ...destroys]);
  // Of a longer line a destroy is in the window only if it is first of all.
  const { arrival, model, rowId } = first;
  const isHeldBack = (await beforeDestroy.first(db, { ...of, arrival, model, rowId })) !== undefined;
  return lineOf(isHeldBack ? timed : [...timed, first]);
}

/** Makes a line of deliveries in any order. */
export function lineOf(waiting: readonly Waiting[]): Line {
  return { rows: [...waiting].sort((a, b) => a.arrival - b.arrival) };
}

/** Returns the first of a line; null if it is used up. */
export function firstOf(line: Line, inOrder: SendSafeguards['inOrder']): Waiting | null {
  return inOrder(line.rows)[0] ?? null;
}

/** Removes a delivery from a line: it counts as sent. */
export function take(line: Line, { deliveryId }: Waiting): void {
  line.rows = line.rows.filter((row) => row.deliveryId !== deliveryId);
}
