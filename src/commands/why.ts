import type { Catalogue } from '../catalogue/catalogue.ts';
import { postSubject } from '../catalogue/subject.ts';
import type { PlatformRules } from '../config/platform.ts';
import type { Block } from '../render/message.ts';
import { code, list, paragraph, typed } from '../render/say.ts';
import type { Judged } from '../rooms/compiled-mute.ts';
import type { LiveSubscriptions, RoomSubscription } from '../rooms/live-subscriptions.ts';
import { createJudge, type Judge } from '../router/judge.ts';
import { storedEvent } from '../store/stored-event.ts';
import type { Database } from '../store/tables.ts';
import { readSubject } from '../subject-rows/read-subject.ts';
import { saysOffensive } from '../subjects/offensive.ts';
import { counted } from '../text/counted.ts';
import { excerpt } from '../text/excerpt.ts';
import { textOf } from '../text/json.ts';
import { type Command, refused } from './command.ts';
import type { CommandRoom } from './command-room.ts';
import { hiddenIn } from './hidden-in.ts';
import { localTime } from './mute-text.ts';
import { fateOf } from './why-fate.ts';
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
            typed('why post:123'),
            '.',
          ),
        );
      const ids = await eventsOf(parts.db, target, room);
      if (ids.length === 0)
        return refused(paragraph('No event is stored that this is about: it never reached us, or it is long ago.'));
      const say: Block[] = [];
      for (const id of ids.slice(-mostEvents)) say.push(...(await explain(parts, id, room, now)));
      if (ids.length > mostEvents) say.push(paragraph(`And ${counted(ids.length - mostEvents, 'older event')}.`));
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
  const isOfReason = room.masksOffensive && saysOffensive(textOf(event.object.reason_name) ?? '');
  const isHidden = isOfReason || (await hiddenIn(room, db, [event.subject])).has(event.subject);
  const said = { event, subject, isHidden };
  const verdicts = heard.slice(0, mostSubscriptions).map((one) => [code(one.id), ` ${verdict(one, said, judge)}`]);
  if (heard.length > mostSubscriptions)
    verdicts.push([`and ${counted(heard.length - mostSubscriptions, 'more subscription')}`]);
  return [
    paragraph(
      { kind: 'strong', children: [code(`${event.model}#${event.type}`)] },
      ` ${event.subject}, ${event.origin} at ${localTime(event.receivedAt, room.timeZone)}: `,
      ...(await fateOf(parts, { id, event, subject, failure: row.failure }, room, now)),
    ),
    verdicts.length === 0 ? paragraph('This room has no subscription.') : list(verdicts),
  ];
}

/** An event that subscriptions are judged by; `isHidden`: the room does not see the title of its post. */
interface Said extends Judged {
  readonly isHidden: boolean;
}

/** The fields that hold a title, or quote the words that were found in it. */
const titleFields: ReadonlySet<string> = new Set(['title', 'why', 'last_post_title']);

/** Says whether a subscription matches an event now. */
function verdict(one: RoomSubscription, judged: Said, judge: Judge): string {
  const { event } = judged;
  if (one.events.get(event.model)?.has(event.type) !== true) return 'is for other events';
  if (one.where === null) return 'matches';
  const result = judge(one.where);
  if (result.outcome === 'failed') return `matches, since its condition failed: ${result.reason}`;
  const values = valuesIn(one.where.source, judged);
  return `${result.value ? 'matches' : 'does not match'}: ${one.where.source}${values === '' ? '' : `, where ${values}`}`;
}

/** The values of the fields that a condition names: `object.user_reputation = 1`. Those of the subject are the present ones. */
function valuesIn(condition: string, { event, subject, isHidden }: Said): string {
  const names = new Set([...condition.matchAll(/\b(?:object|subject)\.\w+/g)].map(([name]) => name));
  return [...names]
    .slice(0, 8)
    .map((name) => {
      const [owner, field = ''] = name.split('.');
      if (isHidden && titleFields.has(field)) return `${name} is hidden`;
      const value = JSON.stringify((owner === 'subject' ? subject : event.object)?.[field]) ?? 'missing';
      return `${name}${owner === 'subject' ? ' now' : ''} = ${excerpt(value, 60)}`;
    })
    .join(', ');
}
