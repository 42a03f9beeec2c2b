import { statement } from '../store/statement.ts';
import type { Database } from '../store/tables.ts';
import type { DeliveryState, MessageKind } from '../words.ts';

/** A delivery of an event, and the message that shows it. */
export interface Fate {
  readonly eventId: number;
  readonly roomId: number;
  readonly state: DeliveryState;
  readonly reason: string | null;
  readonly subscription: string;
  readonly template: string | null;
  readonly options: string;
  readonly conditionFailed: string | null;
  readonly mute: string | null;
  readonly kind: MessageKind | null;
  /** False if its message shows something that came before it, and was edited for it. */
  readonly isOwn: boolean;
}

const fatesOf = statement((db, { eventId }: Pick<Fate, 'eventId'>) =>
  db
    .selectFrom('deliveries as d')
    .leftJoin('messages as m', 'm.id', 'd.message_id')
    .select(['d.event_id', 'd.room_id', 'd.state', 'd.reason', 'd.subscription', 'd.template', 'd.options'])
    .select(['d.condition_failed', 'd.mute', 'd.slot', 'm.kind'])
    .where('d.event_id', '=', eventId),
);

/** Returns the deliveries of an event. */
export async function readFates(db: Database, eventId: number): Promise<readonly Fate[]> {
  const rows = await fatesOf.all(db, { eventId });
  return rows.map(({ event_id: _, room_id: roomId, condition_failed: conditionFailed, slot, ...rest }) => ({
    ...{ eventId, roomId, conditionFailed, isOwn: slot !== null },
    ...rest,
  }));
}

const eventsAfter = statement((db, { eventId }: Pick<Fate, 'eventId'>) =>
  db.selectFrom('events').selectAll().where('id', '>', eventId).orderBy('id'),
);

/** Returns the rows of the events that were stored after one, oldest first. */
export const readEventsAfter = (db: Database, eventId: number) => eventsAfter.all(db, { eventId });

/** Returns the time at which the next waiting delivery is due, Unix milliseconds; null: none waits. */
export async function nextDue(db: Database): Promise<number | null> {
  const row = await db
    .selectFrom('deliveries')
    .select((s) => s.fn.min<number | null>('due_at').as('at'))
    .where('state', 'in', ['waiting', 'planned'])
    .executeTakeFirstOrThrow();
  return row.at;
}

/** Returns the mute of that id. */
export async function readMute(db: Database, id: string) {
  return db.selectFrom('mutes').selectAll().where('id', '=', Number(id)).executeTakeFirstOrThrow();
}

/** Returns true if a room has an open card of a subject. */
export async function hasCard(db: Database, roomId: number, subject: string): Promise<boolean> {
  const row = await db
    .selectFrom('cards')
    .select('subject')
    .where('room_id', '=', roomId)
    .where('subject', '=', subject)
    .where('state', '=', 'open')
    .executeTakeFirst();
  return row !== undefined;
}
