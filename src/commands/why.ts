import { postSubject } from '../catalogue/subject.ts';
import { code, paragraph, typed } from '../render/say.ts';
import type { LiveSubscriptions } from '../rooms/live-subscriptions.ts';
import { endsWith } from '../store/sql.ts';
import type { Database } from '../store/tables.ts';
import { type Command, type Refused, refused } from './command.ts';
import type { CommandRoom } from './command-room.ts';
import { subjectsOf } from './find-subjects.ts';
import { readTarget, type TargetParts } from './read-target.ts';
import { type Asked, answerWhy } from './why-answer.ts';

export interface WhyParts extends TargetParts {
  readonly db: Database;
  readonly live: LiveSubscriptions;
}

export function createWhy(parts: WhyParts): Command {
  return {
    name: 'why',
    description: 'Say which subscription, mute or merge led to a message, or why an event did not come',
    who: 'everyone',
    options: [
      {
        name: 'message',
        type: 'message',
        description: 'A link to the message or to a post, on its site or metasmoke, or its subject: post:123',
        required: false,
        place: 'rest',
      },
    ],
    examples: ['why post:123', 'why https://metasmoke.erwaysoftware.com/post/123', 'why stackoverflow.com/a/123'],
    async run({ values, room, about, now }) {
      const asked = await eventsMeant(parts, values.message ?? null, room, about);
      if ('outcome' in asked) return asked;
      return { outcome: 'done', say: await answerWhy(parts, asked, room, now) };
    },
  };
}

/** Returns the events that are meant. */
async function eventsMeant(
  parts: WhyParts,
  written: string | null,
  room: CommandRoom,
  about: string | null,
): Promise<Asked | Refused> {
  const { db } = parts;
  if (written === null) {
    if (about === null)
      return refused(
        paragraph('Why what? Reply to a message with this, or write ', typed('why post:123'), ' or a link to a post.'),
      );
    return (await ofMessage(db, about, room)) ?? notOurs('That message is not a message');
  }
  const target = readTarget(written, parts);
  if (target.kind === 'message') {
    return (await ofMessage(db, target.platformId, room)) ?? notOurs('That link leads to no message');
  }
  if (target.kind === 'number') {
    const { number } = target;
    const found = (await ofMessage(db, number, room)) ?? (await ofSubject(db, postSubject(number)));
    if (found !== null) return found;
    const wrong = `No event of post ${number} of metasmoke is stored, and no message here has that number. `;
    return refused(
      paragraph(wrong, 'For a post of Stack Exchange write its link, ', typed('why stackoverflow.com/a/123'), '.'),
    );
  }
  const subjects = await subjectsOf(db, target, { written, command: 'why' });
  if ('outcome' in subjects) return subjects;
  const [subject = ''] = subjects;
  const found = await ofSubject(db, subject);
  if (found !== null) return found;
  return refused(
    paragraph('No event about ', code(subject), ' is stored: it never reached us, or it was too long ago.'),
  );
}

const notOurs = (what: string) =>
  refused(paragraph(`${what} of Lookout’s in this room: it is of another room, of somebody else, or from long ago.`));

/** Returns the events of a message of a room; null if it is not one of ours. */
async function ofMessage(db: Database, platformId: string, room: CommandRoom): Promise<Asked | Refused | null> {
  const messages = db
    .selectFrom('messages')
    .select(['id', 'kind', 'subject'])
    .where('room_id', '=', room.id ?? -1);
  const message =
    (await messages.where('platform_id', '=', platformId).executeTakeFirst()) ??
    // In a thread its id may be `<thread>/<message>`.
    (await messages.where(endsWith('platform_id', `/${platformId}`)).executeTakeFirst());
  if (message === undefined) return null;
  const rows = await db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select(['e.id', 'e.subject'])
    .where('d.message_id', '=', message.id)
    .orderBy('e.id')
    .execute();
  const ids = rows.map(({ id }) => id);
  const subjects = new Set(rows.map(({ subject }) => subject));
  if (subjects.size > 1) return { ids, listed: ids };
  // A message about a card has no event of its own.
  const found = await ofSubject(db, [...subjects][0] ?? message.subject);
  if (found !== null) return ids.length === 0 ? found : { ids, listed: found.listed };
  if (message.kind === 'notice')
    return refused(
      paragraph('That message is a notice of Lookout itself, about ', code(message.subject), ': no event led to it.'),
    );
  return refused(
    paragraph('That message is about ', code(message.subject), ', whose events are too old to be stored.'),
  );
}

/** Returns the events of a subject; null if none is stored. */
async function ofSubject(db: Database, subject: string): Promise<Asked | null> {
  const rows = await db.selectFrom('events').select('id').where('subject', '=', subject).orderBy('id').execute();
  const ids = rows.map((row) => row.id);
  return ids.length === 0 ? null : { ids, listed: ids };
}
