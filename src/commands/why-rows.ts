import { sql } from 'kysely';
import { idText } from '../catalogue/subject.ts';
import { storedEvent } from '../store/stored-event.ts';
import type { Database } from '../store/tables.ts';
import { twinsOfOne } from '../subject-rows/twins.ts';
import { voterNameIn } from '../subjects/voter-name.ts';
import type { DeliveryState, Event, MessageKind } from '../words.ts';

/** A stored event, and its delivery to a room. */
export interface RoomEvent {
  readonly id: number;
  /** Without its long texts. */
  readonly event: Event;
  /** The reason why it could not be processed; null: it was. */
  readonly failure: string | null;
  /** Null: the room has none. */
  readonly delivery: RoomDelivery | null;
}

export interface RoomDelivery {
  readonly state: DeliveryState;
  readonly reason: string | null;
  readonly subscription: string;
  /** The subscription's options, as JSON. */
  readonly options: string;
  readonly mute: string | null;
  readonly leftOutFor: string | null;
  readonly conditionFailed: string | null;
  readonly dueAt: number;
  readonly settledAt: number | null;
  readonly messageId: number | null;
  /** The platform's id of its message; null: none yet. */
  readonly platformId: string | null;
  readonly kind: MessageKind | null;
  /** False if its message shows something that came before it, and was edited for it. */
  readonly isOwn: boolean;
}

/** Most events of which an answer speaks; of a subject with a longer life the first and the newest. */
const mostRead = 200;

/** Returns events with their deliveries to a room, oldest first. */
export async function readRoomEvents(
  db: Database,
  roomId: number | null,
  ids: readonly number[],
): Promise<readonly RoomEvent[]> {
  const some = ids.length <= mostRead ? ids : [...ids.slice(0, 1), ...ids.slice(1 - mostRead)];
  const rows = await db
    .selectFrom('events as e')
    .leftJoin('deliveries as d', (join) => join.onRef('d.event_id', '=', 'e.id').on('d.room_id', '=', roomId ?? -1))
    .leftJoin('messages as m', 'm.id', 'd.message_id')
    .select(['e.id', 'e.source', 'e.model', 'e.class', 'e.role', 'e.row_id', 'e.type', 'e.subject', 'e.updated_at'])
    .select(['e.received_at', 'e.origin', 'e.failure', 'e.object'])
    .select(['d.state', 'd.reason', 'd.subscription', 'd.options', 'd.mute', 'd.left_out_for', 'd.condition_failed'])
    .select(['d.due_at', 'd.settled_at', 'd.message_id', 'd.slot', 'm.platform_id', 'm.kind'])
    .where('e.id', 'in', some)
    .orderBy('e.id')
    .execute();
  return rows.map((row) => ({
    ...{ id: row.id, event: storedEvent(row), failure: row.failure },
    delivery:
      row.state === null
        ? null
        : {
            ...{
              state: row.state,
              reason: row.reason,
              subscription: row.subscription ?? '',
              options: row.options ?? '{}',
            },
            ...{ mute: row.mute, leftOutFor: row.left_out_for, conditionFailed: row.condition_failed },
            ...{ dueAt: row.due_at ?? 0, settledAt: row.settled_at, messageId: row.message_id },
            ...{ platformId: row.platform_id, kind: row.kind, isOwn: row.slot !== null },
          },
  }));
}

/** The card of a subject, or of another report of the same post, in a room. */
export interface RoomCard {
  readonly subscription: string;
  readonly isGone: boolean;
  /** True if what it shows goes into a message that was not made yet. */
  readonly needsMessage: boolean;
  readonly messageId: number | null;
  readonly platformId: string | null;
}

/** Returns the card that shows a subject in a room; null: none. */
export async function readCard(db: Database, roomId: number | null, subject: string): Promise<RoomCard | null> {
  const cards = await db
    .selectFrom('cards as c')
    .leftJoin('messages as m', 'm.id', 'c.message_id')
    .select([
      'c.subject',
      'c.state',
      'c.subscription',
      'c.message_id',
      'c.due_at',
      'c.answers',
      'c.moved',
      'm.platform_id',
    ])
    .where('c.subject', 'in', [subject, ...(await twinsOfOne(db, subject))])
    .where('c.room_id', '=', roomId ?? -1)
    .execute();
  const card = cards.find((one) => one.subject === subject) ?? cards[0];
  if (card === undefined) return null;
  const { subscription, message_id: messageId, platform_id: platformId } = card;
  const hadMessage = card.answers !== null || card.moved === 1;
  const needsMessage = messageId === null && (card.due_at !== null || !hadMessage);
  return { subscription, isGone: card.state === 'gone', needsMessage, messageId, platformId };
}

/** Returns true if a message that is changed for what happens does not show yet what came at an instant. */
export async function lacks(db: Database, messageId: number, receivedAt: number): Promise<boolean> {
  const sends = (state: 'pending' | 'sent') =>
    db.selectFrom('sends').where('message_id', '=', messageId).where('state', '=', state);
  const message = await db
    .selectFrom('messages')
    .select(['platform_id', 'redraw_at'])
    .where('id', '=', messageId)
    .executeTakeFirst();
  if (message === undefined || message.platform_id === null) return true;
  const open = await sends('pending').select('id').executeTakeFirst();
  if (message.redraw_at === null && open === undefined) return false;
  const drawn = await sends('sent')
    .where('kind', 'in', ['create', 'reply', 'thread', 'edit'])
    .select((s) => s.fn.max<number | null>('first_attempt_at').as('at'))
    .executeTakeFirstOrThrow();
  return drawn.at === null || receivedAt > drawn.at;
}

/** Returns the number of times that a message was edited. */
export async function countEdits(db: Database, messageId: number): Promise<number> {
  const row = await db
    .selectFrom('sends')
    .select((s) => s.fn.countAll<number>().as('count'))
    .where('message_id', '=', messageId)
    .where('kind', '=', 'edit')
    .where('state', '=', sql.lit('sent'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Returns the number of events that a message carries. */
export async function countCarried(db: Database, messageId: number): Promise<number> {
  const row = await db
    .selectFrom('deliveries')
    .select((s) => s.fn.countAll<number>().as('count'))
    .where('message_id', '=', messageId)
    .where('slot', 'is not', null)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Returns the send of a message that is under way; null: none is. */
export async function readSend(db: Database, messageId: number) {
  const row = await db
    .selectFrom('sends')
    .select(['attempts', 'due_at as dueAt'])
    .where('message_id', '=', messageId)
    .where('state', '=', sql.lit('pending'))
    .orderBy('id')
    .executeTakeFirst();
  return row ?? null;
}

/** Returns the names of the people behind votes, flags and comments, by event; those that are not known are missing. */
export async function readNames(db: Database, told: readonly RoomEvent[]): Promise<ReadonlyMap<number, string>> {
  const userOf = ({ event }: RoomEvent) => idText(event.object.user_id);
  const users = [...new Set(told.flatMap((one) => userOf(one) ?? []))];
  const rows =
    users.length === 0
      ? []
      : await db.selectFrom('user_names').select(['id', 'name']).where('id', 'in', users).execute();
  const byUser = new Map(rows.map(({ id, name }) => [id, name]));
  const flaggers = await readFlaggers(db, told);
  return new Map(
    told.flatMap((one): [number, string][] => {
      const { role, rowId } = one.event;
      const flagger = role === 'flag' ? flaggers.get(rowId ?? '') : undefined;
      const name = voterNameIn(one.event) ?? byUser.get(userOf(one) ?? '') ?? flagger ?? null;
      return name === null || role === 'report' ? [] : [[one.id, name]];
    }),
  );
}

/** The names of those who flagged, by the id of the flag. */
async function readFlaggers(db: Database, told: readonly RoomEvent[]): Promise<ReadonlyMap<string, string>> {
  const subjects = [...new Set(told.filter(({ event }) => event.role === 'flag').map(({ event }) => event.subject))];
  if (subjects.length === 0) return new Map();
  const rows = await db.selectFrom('post_details').select('flaggers').where('subject', 'in', subjects).execute();
  return new Map(rows.flatMap(({ flaggers }) => Object.entries(JSON.parse(flaggers) as Record<string, string>)));
}
