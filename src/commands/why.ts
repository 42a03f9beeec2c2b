import type { Catalogue } from '../catalogue/catalogue.ts';
import { postSubject } from '../catalogue/subject.ts';
import type { PlatformRules } from '../config/platform.ts';
import type { Block, Inline } from '../render/message.ts';
import { code, list, paragraph } from '../render/say.ts';
import type { ActiveMute } from '../rooms/active-mute.ts';
import { compileMute, type Judged, lettingThrough } from '../rooms/compiled-mute.ts';
import type { LiveSubscriptions, RoomSubscription } from '../rooms/live-subscriptions.ts';
import { listExceptionsAt } from '../rooms/mute-rows.ts';
import { createJudge, type Judge } from '../router/judge.ts';
import { storedEvent } from '../store/stored-event.ts';
import type { Database } from '../store/tables.ts';
import { readSubject } from '../subject-rows/read-subject.ts';
import { counted } from '../text/counted.ts';
import { excerpt } from '../text/excerpt.ts';
import type { Event, EventObject } from '../words.ts';
import { type Command, refused } from './command.ts';
import type { CommandRoom } from './command-room.ts';
import { localTime } from './mute-text.ts';
import { readTarget, type Target } from './why-target.ts';

export interface WhyParts {
  readonly db: Database;
  readonly live: LiveSubscriptions;
  readonly catalogue: Catalogue;
  /** The platforms whose links lead to messages. */
  readonly platforms: readonly PlatformRules[];
}

/** Of a subject with a long life the newest so many events are explained. */
const mostEvents = 5;
const mostSubscriptions = 20;

export function createWhy(parts: WhyParts): Command {
  return {
    name: 'why',
    description: 'Say which subscription, mute or merge led to a message, or why an event did not come',
    who: 'everyone',
    options: [
      {
        name: 'message',
        type: 'message',
        description: 'A link to the message, or what an event is about: post:123 or its metasmoke link',
        required: false,
        place: 'word',
      },
    ],
    examples: ['why post:123', 'why https://metasmoke.erwaysoftware.com/post/123'],
    async run({ values, room, about, now }) {
      const target: Target | null =
        values.message !== undefined
          ? readTarget(values.message, parts.platforms)
          : about === null
            ? null
            : { kind: 'message', platformId: about };
      if (target === null)
        return refused(
          paragraph(
            values.message === undefined
              ? 'Why what? '
              : `"${values.message}" is neither a link to a message nor an event. `,
            'Reply to a message with this, or write ',
            code('why post:123'),
            '.',
          ),
        );
      const ids = await eventsOf(parts.db, target, room);
      if (ids.length === 0)
        return refused(paragraph('No event is stored that this is about: it never reached us, or it is long ago.'));
      const say: Block[] = [];
      for (const id of ids.slice(-mostEvents)) say.push(...(await explain(parts, id, room, now)));
      if (ids.length > mostEvents) say.push(paragraph(`And ${ids.length - mostEvents} older events.`));
      return { outcome: 'done', say };
    },
  };
}

async function eventsOf(db: Database, target: Target, room: CommandRoom): Promise<readonly number[]> {
  switch (target.kind) {
    case 'message':
      return ofMessage(db, target.platformId, room);
    case 'subject':
      return ofSubject(db, target.subject);
    case 'number': {
      const shown = await ofMessage(db, target.number, room);
      return shown.length > 0 ? shown : ofSubject(db, postSubject(target.number));
    }
    default:
      return target satisfies never;
  }
}

async function ofMessage(db: Database, platformId: string, room: CommandRoom): Promise<readonly number[]> {
  if (room.id === null) return [];
  const rows = await db
    .selectFrom('messages as m')
    .innerJoin('deliveries as d', 'd.message_id', 'm.id')
    .select('d.event_id')
    .where('m.room_id', '=', room.id)
    .where('m.platform_id', '=', platformId)
    .orderBy('d.event_id')
    .execute();
  if (rows.length > 0) return rows.map((row) => row.event_id);
  // A message about a card has no event of its own; in a thread its id may be `<thread>/<message>`.
  const told = await db
    .selectFrom('messages')
    .select('subject')
    .where('room_id', '=', room.id)
    .where((e) => e.or([e('platform_id', '=', platformId), e('platform_id', 'like', `%/${platformId}`)]))
    .executeTakeFirst();
  return told === undefined ? [] : ofSubject(db, told.subject);
}

async function ofSubject(db: Database, subject: string): Promise<readonly number[]> {
  const rows = await db.selectFrom('events').select('id').where('subject', '=', subject).orderBy('id').execute();
  return rows.map((row) => row.id);
}

async function explain(parts: WhyParts, id: number, room: CommandRoom, now: number): Promise<Block[]> {
  const { db, live } = parts;
  const row = await db.selectFrom('events').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const event = storedEvent(row);
  const heard = live.ofRoom(room.address);
  const subject = await readSubject(db, event, now);
  const judge = createJudge(event, subject);
  const verdicts = heard
    .slice(0, mostSubscriptions)
    .map((one) => [code(one.id), ` ${verdict(one, { event, subject }, judge)}`]);
  if (heard.length > mostSubscriptions)
    verdicts.push([`and ${counted(heard.length - mostSubscriptions, 'more subscription')}`]);
  return [
    paragraph(
      { kind: 'strong', children: [code(`${event.model}#${event.type}`)] },
      ` ${event.subject}, ${event.origin} at ${localTime(event.receivedAt, room.timeZone)}: `,
      ...(await fate(parts, { id, event, subject, failure: row.failure }, room, now)),
    ),
    verdicts.length === 0 ? paragraph('This room has no subscription.') : list(verdicts),
  ];
}

/** A stored event. */
interface Explained {
  readonly id: number;
  readonly event: Event;
  /** The present values of its subject; null: it does not lead to a post. */
  readonly subject: EventObject | null;
  /** The reason why it could not be processed; null: it was. */
  readonly failure: string | null;
}

/** Says what happened to an event in a room. */
async function fate(
  { db, catalogue }: WhyParts,
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
  const card = await db
    .selectFrom('events as e')
    .innerJoin('cards as c', 'c.subject', 'e.subject')
    .leftJoin('messages as m', 'm.id', 'c.message_id')
    .select(['c.state', 'c.subscription', 'm.platform_id'])
    .where('e.id', '=', eventId)
    .where('c.room_id', '=', room.id ?? -1)
    .executeTakeFirst();
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

/** Says whether a subscription matches an event now. */
function verdict(one: RoomSubscription, judged: Judged, judge: Judge): string {
  const { event } = judged;
  if (one.events.get(event.model)?.has(event.type) !== true) return 'is for other events';
  if (one.where === null) return 'matches';
  const result = judge(one.where);
  if (result.outcome === 'failed') return `matches, since its condition failed: ${result.reason}`;
  const values = valuesIn(one.where.source, judged);
  return `${result.value ? 'matches' : 'does not match'}: ${one.where.source}${values === '' ? '' : `, where ${values}`}`;
}

/** The values of the fields that a condition names: `object.user_reputation = 1`. Those of the subject are the present ones. */
function valuesIn(condition: string, { event, subject }: Judged): string {
  const names = new Set([...condition.matchAll(/\b(?:object|subject)\.\w+/g)].map(([name]) => name));
  return [...names]
    .slice(0, 8)
    .map((name) => {
      const [owner, field = ''] = name.split('.');
      const value = JSON.stringify((owner === 'subject' ? subject : event.object)?.[field]) ?? 'missing';
      return `${name}${owner === 'subject' ? ' now' : ''} = ${excerpt(value, 60)}`;
    })
    .join(', ');
}
