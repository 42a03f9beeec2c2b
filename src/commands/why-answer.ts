import type { SourceLinks } from '../catalogue/source-kind.ts';
import { postIdOf } from '../catalogue/subject.ts';
import type { Block } from '../render/message.ts';
import { code, link, list, paragraph, spoiler } from '../render/say.ts';
import type { Database } from '../store/tables.ts';
import { readState } from '../subject-rows/known-post.ts';
import { readSubject } from '../subject-rows/read-subject.ts';
import { saysOffensive } from '../subjects/offensive.ts';
import { absoluteUrl } from '../text/absolute-url.ts';
import { counted } from '../text/counted.ts';
import { excerpt } from '../text/excerpt.ts';
import { textOf } from '../text/json.ts';
import type { CommandRoom } from './command-room.ts';
import { countWords, eventWords } from './event-words.ts';
import { hiddenIn } from './hidden-in.ts';
import { moment } from './mute-text.ts';
import type { FateContext, FateParts, Words } from './why-context.ts';
import { type Fate, fateOf } from './why-fate.ts';
import { countEdits, type RoomCard, type RoomEvent, readCard, readNames, readRoomEvents } from './why-rows.ts';

export interface AnswerParts extends FateParts {
  readonly links: SourceLinks;
}

/** Number of events that are listed: the first, and the newest. */
const firstListed = 5;
const newestListed = 15;
const mostTitle = 200;
const mostName = 60;

/** The events that an answer is about, oldest first and at least one. */
export interface Asked {
  /** One of these is explained. */
  readonly ids: readonly number[];
  /** These are listed. */
  readonly listed: readonly number[];
}

/** Explains in a sentence what became of events in a room, then lists them, oldest first, then their ids. */
export async function answerWhy(
  parts: AnswerParts,
  { ids, listed }: Asked,
  room: CommandRoom,
  now: number,
): Promise<readonly Block[]> {
  const { db } = parts;
  const told = await readRoomEvents(db, room.id, listed);
  const [first] = told;
  if (first === undefined) throw new Error('there is no event to explain');
  const card = await readCard(db, room.id, first.event.subject);
  const asked = new Set(ids);
  const head = best(
    told.filter(({ id }) => asked.has(id)),
    card,
  );
  const contexts = createContexts(parts, room, now);
  const fate = await fateOf(parts, head ?? first, await contexts(head ?? first));
  const after = await afterwards(db, told, head ?? first, fate, card);
  const lines = await linesOf(parts, told, contexts, room);
  return [
    paragraph(...fate.sentence, ...after, '.'),
    paragraph(...(await aboutOf(parts, head ?? first, await contexts(head ?? first)))),
    list(lines),
    paragraph(...idsOf(head ?? first, fate, listed)),
  ];
}

/** Returns the event that explains best why a message is there, or why there is none: of the best fate the first. */
function best(told: readonly RoomEvent[], card: RoomCard | null): RoomEvent | undefined {
  const ranks = told.map((one) => rankOf(one, card));
  return told[ranks.indexOf(Math.min(...ranks))];
}

function rankOf({ failure, delivery }: RoomEvent, card: RoomCard | null): number {
  if (delivery === null) return failure === null && card !== null && !card.isGone ? 1 : 6;
  switch (delivery.state) {
    case 'sent':
      return delivery.isOwn ? 0 : 1;
    case 'waiting':
    case 'planned':
      return 2;
    case 'dead':
      return 3;
    case 'muted':
      return 4;
    case 'cancelled':
      return 5;
    default:
      return delivery.state satisfies never;
  }
}

/** Says what happened to a message after it was sent, and what was sent besides. */
async function afterwards(
  db: Database,
  told: readonly RoomEvent[],
  head: RoomEvent,
  { messageId }: Fate,
  card: RoomCard | null,
): Promise<Words> {
  if (messageId === null || head.delivery?.state !== 'sent') return [];
  const later = told.filter(({ id, event }) => id > head.id && event.subject === head.event.subject);
  const shownBy = ({ delivery }: RoomEvent) =>
    delivery === null ? card?.messageId : delivery.isOwn ? null : delivery.messageId;
  const edits = countWords(later.filter((one) => shownBy(one) === messageId).map(({ event }) => event));
  const own = later.filter(({ delivery }) => delivery?.state === 'sent' && delivery.isOwn);
  const others = countWords(own.map(({ event }) => event));
  const times = edits === '' ? 0 : await countEdits(db, messageId);
  return [
    ...(edits === '' ? [] : [`; ${times === 0 ? 'since then' : `edited ${counted(times, 'time')}`}: ${edits}`]),
    ...(others === '' ? [] : [`; sent besides: ${others}`]),
  ];
}

/** Creates the reader of the present values of the subjects of events. Each subject is read once. */
function createContexts(
  { db }: AnswerParts,
  room: CommandRoom,
  now: number,
): (told: RoomEvent) => Promise<FateContext> {
  const known = new Map<string, Promise<FateContext>>();
  async function read({ event }: RoomEvent): Promise<FateContext> {
    const subject = await readSubject(db, event, now);
    const isHidden = (await hiddenIn(room, db, [event.subject])).has(event.subject);
    return { room, subject, isHidden, now };
  }
  return async (told) => {
    const { subject, object } = told.event;
    const context = known.get(subject) ?? read(told);
    known.set(subject, context);
    const isOfReason = room.masksOffensive && saysOffensive(textOf(object.reason_name) ?? '');
    return { ...(await context), ...(isOfReason && { isHidden: true }) };
  };
}

/** `Buy pills by spammer on superuser.com`, with links to the source and the site; of another subject its page. */
async function aboutOf({ db, links }: AnswerParts, { event }: RoomEvent, { isHidden }: FateContext): Promise<Words> {
  const page = links.pageOf(event);
  if (postIdOf(event.subject) === null)
    return ['About ', page === null ? code(event.subject) : link(page, event.subject), '.'];
  const { title, site, row } = await readState(db, event.subject);
  const known = excerpt(title ?? '', mostTitle).trim();
  const name = known === '' ? event.subject : known;
  const author = textOf(row.username)?.trim() ?? '';
  const url = typeof row.link === 'string' && links.isTrusted(row.link) ? absoluteUrl(row.link) : null;
  return [
    'About ',
    ...(isHidden && known !== ''
      ? [spoiler(name), ...(page === null ? [] : [' (', link(page, event.subject), ')'])]
      : [page === null ? name : link(page, name)]),
    ...(author === '' ? [] : [` by ${excerpt(author, mostName)}`]),
    ...(site === null ? [] : [' on ', url === null ? site : link(url, site)]),
    ':',
  ];
}

/** The events, oldest first; equal ones in a row are one line. */
async function linesOf(
  parts: AnswerParts,
  told: readonly RoomEvent[],
  contexts: (told: RoomEvent) => Promise<FateContext>,
  room: CommandRoom,
): Promise<readonly Words[]> {
  const isLong = told.length > firstListed + newestListed;
  const some = isLong ? [...told.slice(0, firstListed), ...told.slice(-newestListed)] : told;
  const names = await readNames(parts.db, some);
  const shows = new Set(told.map(({ event }) => event.subject)).size > 1;
  const lines: { readonly at: number; readonly words: Words; count: number }[] = [];
  for (const [index, one] of some.entries()) {
    if (isLong && index === firstListed)
      lines.push({ at: 0, words: [`${told.length - some.length} events between`], count: 1 });
    const { short } = await fateOf(parts, one, await contexts(one));
    const what = eventWords(one.event, names.get(one.id) ?? null);
    const origin = one.event.origin === 'backfilled' ? ' (fetched later)' : '';
    const words = [`${what}${origin}`, ...(shows ? [' of ', code(one.event.subject)] : []), ': ', ...short];
    const last = lines.at(-1);
    if (last !== undefined && last.at > 0 && JSON.stringify(last.words) === JSON.stringify(words)) last.count++;
    else lines.push({ at: one.event.receivedAt, words, count: 1 });
  }
  return lines.map(({ at, words, count }) => [
    ...(at === 0 ? [] : [moment(at, room, 'moment'), ' ']),
    ...(count === 1 ? [] : [`${count} × `]),
    ...words,
  ]);
}

/** Most ids of events that are named. */
const mostIds = 20;

function idsOf({ event }: RoomEvent, { platformId, subscription }: Fate, ids: readonly number[]): Words {
  const named = ids.slice(0, mostIds).join(', ');
  const more = ids.length > mostIds ? ` and ${ids.length - mostIds} more` : '';
  return [
    'Ids: ',
    code(event.subject),
    ...(platformId === null ? [] : [', message ', code(platformId)]),
    ...(subscription === null ? [] : [', subscription ', code(subscription)]),
    `, ${ids.length === 1 ? 'event' : 'events'} ${named}${more}`,
  ];
}
