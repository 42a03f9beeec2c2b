import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Inline } from '../render/message.ts';
import { code } from '../render/say.ts';
import type { ActiveMute } from '../rooms/active-mute.ts';
import { compileMute, type Judged, lettingThrough } from '../rooms/compiled-mute.ts';
import { listExceptionsAt } from '../rooms/mute-rows.ts';
import type { Database } from '../store/tables.ts';
import { twinsOfOne } from '../subject-rows/twins.ts';
import type { CommandRoom } from './command-room.ts';
import { localTime } from './mute-text.ts';

/** The parts that the fate of an event is read from. */
interface FateParts {
  readonly db: Database;
  readonly catalogue: Catalogue;
}

/** A stored event, and the present values of its subject. */
export interface Explained extends Judged {
  readonly id: number;
  /** The reason why it could not be processed; null: it was. */
  readonly failure: string | null;
}

/** Says what happened to an event in a room. */
export async function fateOf(
  { db, catalogue }: FateParts,
  { id: eventId, event, subject, failure }: Explained,
  room: CommandRoom,
  now: number,
): Promise<readonly (string | Inline)[]> {
  if (failure !== null) return ['it failed on our side; the operator can see why, and try it again'];
  const delivery =
    room.id === null
      ? undefined
      : await db
          .selectFrom('deliveries as d')
          .leftJoin('messages as m', 'm.id', 'd.message_id')
          .select(['d.state', 'd.reason', 'd.mute', 'd.subscription', 'd.settled_at', 'm.platform_id', 'm.kind'])
          .select('d.condition_failed')
          .where('d.event_id', '=', eventId)
          .where('d.room_id', '=', room.id)
          .executeTakeFirst();
  if (delivery === undefined) return (await shownByCard(db, eventId, room)) ?? [nothingMatched];
  const failed = delivery.condition_failed;
  const at = delivery.settled_at ?? now;
  const mutes = await excepting(db, catalogue, { event, subject, roomId: room.id ?? -1, at });
  const by = [
    'by subscription ',
    code(delivery.subscription),
    ...(failed === null ? [] : [`, whose condition counts as matched since it could not be evaluated: ${failed}`]),
  ];
  const reason = delivery.reason === null ? '' : ` (${delivery.reason})`;
  switch (delivery.state) {
    case 'sent':
      return [
        'sent ',
        ...by,
        ...(delivery.platform_id === null ? [] : [`, as a ${delivery.kind} message `, code(delivery.platform_id)]),
        ...letThrough(mutes),
      ];
    case 'waiting':
    case 'planned':
      return ['on its way ', ...by, reason, ...letThrough(mutes)];
    case 'muted':
      return ['muted by ', ...(await mutedBy(db, delivery.mute, room)), ...although(mutes), '; matched ', ...by];
    case 'cancelled':
      return ['cancelled', reason, ' ', ...by];
    case 'dead':
      return ['a dead letter', reason, ' ', ...by, '; the operator can try it again'];
    default:
      return delivery.state satisfies never;
  }
}

const nothingMatched = 'this room did not get it: no subscription of it matched at that time';

/** Says that the room's card shows an event that has no delivery of its own; null if the room has no such card. */
async function shownByCard(
  db: Database,
  eventId: number,
  room: CommandRoom,
): Promise<readonly (string | Inline)[] | null> {
  const event = await db.selectFrom('events').select('subject').where('id', '=', eventId).executeTakeFirst();
  if (event === undefined) return null;
  const cards = await db
    .selectFrom('cards as c')
    .leftJoin('messages as m', 'm.id', 'c.message_id')
    .select(['c.subject', 'c.state', 'c.subscription', 'm.platform_id'])
    .where('c.subject', 'in', [event.subject, ...(await twinsOfOne(db, event.subject))])
    .where('c.room_id', '=', room.id ?? -1)
    .execute();
  const card = cards.find(({ subject }) => subject === event.subject) ?? cards[0];
  if (card === undefined) return null;
  const by = [' by subscription ', code(card.subscription)];
  if (card.state === 'gone') return ['not shown: the card of its post was deleted in this room;', ...by];
  const at = card.platform_id === null ? [] : [', message ', code(card.platform_id)];
  return ['shown by the card of its post', ...at, ',', ...by];
}

async function mutedBy(db: Database, mute: string | null, room: CommandRoom): Promise<readonly (string | Inline)[]> {
  const row =
    mute === null
      ? undefined
      : await db.selectFrom('mutes').selectAll().where('id', '=', Number(mute)).executeTakeFirst();
  if (row === undefined) return ['a mute'];
  const reason = row.reason === null ? '' : `: ${row.reason}`;
  return [
    ...[code(`m${row.id}`), ` of ${row.author} until ${localTime(row.until, room.timeZone)}${reason}`],
    ...(row.except === null ? [] : [', whose exception ', code(row.except), ' does not name it']),
  ];
}

/** Returns the mutes that held at an instant and would have stopped an event without their exception. */
async function excepting(
  db: Database,
  catalogue: Catalogue,
  { event, subject, roomId, at }: Judged & { readonly roomId: number; readonly at: number },
): Promise<readonly ActiveMute[]> {
  const mutes = await listExceptionsAt(db, roomId, at);
  return lettingThrough(
    mutes.map((mute) => compileMute(mute, catalogue).mute),
    { event, subject },
  );
}

function letThrough(mutes: readonly ActiveMute[]): readonly (string | Inline)[] {
  return mutes.flatMap(({ id, except }) => [
    ', let through by ',
    code(`m${id}`),
    ' with its exception ',
    code(except ?? ''),
  ]);
}

function although(mutes: readonly ActiveMute[]): readonly (string | Inline)[] {
  return mutes.flatMap(({ id, except }) => [', although ', code(`m${id}`), ' excepts ', code(except ?? '')]);
}
