import { postSubject } from '../catalogue/subject.ts';
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
import { type Command, type Refused, refused } from './command.ts';
import type { CommandRoom } from './command-room.ts';
import { subjectsOf } from './find-subjects.ts';
import { hiddenIn } from './hidden-in.ts';
import { localTime } from './mute-text.ts';
import { readTarget, type TargetParts } from './read-target.ts';
import { fateOf } from './why-fate.ts';

export interface WhyParts extends TargetParts {
  readonly db: Database;
  readonly live: LiveSubscriptions;
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
        description:
          'A link to the message or to a post, on its site or metasmoke, or what an event is about: post:123',
        required: false,
        place: 'rest',
      },
    ],
    examples: ['why post:123', 'why https://metasmoke.erwaysoftware.com/post/123', 'why stackoverflow.com/a/123'],
    async run({ values, room, about, now }) {
      const ids = await eventsMeant(parts, values.message ?? null, room, about);
      if ('outcome' in ids) return ids;
      const say: Block[] = [];
      for (const id of ids.slice(-mostEvents)) say.push(...(await explain(parts, id, room, now)));
      if (ids.length > mostEvents) say.push(paragraph(`And ${counted(ids.length - mostEvents, 'older event')}.`));
      return { outcome: 'done', say };
    },
  };
}

/** Returns the events that are meant, oldest first and at least one. */
async function eventsMeant(
  parts: WhyParts,
  written: string | null,
  room: CommandRoom,
  about: string | null,
): Promise<readonly number[] | Refused> {
  const { db } = parts;
  if (written === null) {
    if (about === null)
      return refused(
        paragraph('Why what? Reply to a message with this, or write ', typed('why post:123'), ' or a link to a post.'),
      );
    const ids = await ofMessage(db, about, room);
    return ids.length > 0 ? ids : notOurs('That message');
  }
  const target = readTarget(written, parts);
  if (target.kind === 'message') {
    const ids = await ofMessage(db, target.platformId, room);
    return ids.length > 0 ? ids : notOurs('That link');
  }
  if (target.kind === 'number') {
    const { number } = target;
    const shown = await ofMessage(db, number, room);
    const ids = shown.length > 0 ? shown : await ofSubject(db, postSubject(number));
    if (ids.length > 0) return ids;
    const wrong = `No event of post ${number} of metasmoke is stored, and no message here has that number. `;
    return refused(
      paragraph(wrong, 'For a post of Stack Exchange write its link, ', typed('why stackoverflow.com/a/123'), '.'),
    );
  }
  const subjects = await subjectsOf(db, target, { written, command: 'why' });
  if ('outcome' in subjects) return subjects;
  const [subject = ''] = subjects;
  const ids = await ofSubject(db, subject);
  if (ids.length > 0) return ids;
  return refused(paragraph('No event about ', code(subject), ' is stored: it never reached us, or it is long ago.'));
}

const notOurs = (what: string) =>
  refused(
    paragraph(
      `${what} leads to no message of Lookout’s in this room: it is of another room, of somebody else, or from long ago.`,
    ),
  );

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
