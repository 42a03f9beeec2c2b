import { listOf, objectOf } from '../../text/json.ts';
import type { FindRequest, FindResult } from '../adapter.ts';
import type { DiscordClient } from './client.ts';
import { codeOf, codes } from './codes.ts';
import { type Failure, idOf } from './exchange.ts';
import { carriesMark, holdsMark } from './format/mark.ts';
import type { Forum } from './forum.ts';
import { platformIdOf, threadOf } from './place.ts';
import type { Rooms } from './rooms.ts';
import { readStanding, type StandingContext } from './standing.ts';
import { troubleOf } from './trouble.ts';

export interface FindContext extends StandingContext {
  readonly rooms: Rooms;
  /** For reasons: where Discord is. */
  readonly api: string;
  /** The place that a search reached before it had to stop. */
  readonly progress: Progress;
}

/** Searches that were told to come back later, by room and key: a limit of 5 pages a second must not start them anew for ever. */
export type Progress = Map<string, Place>;

interface Place {
  /** Everything up to this id was read. */
  readonly after: string;
  readonly pages: number;
}

/** Our clock and Discord's may differ by this, in milliseconds; reading a little more costs little. */
const clockMarginMs = 60 * 60 * 1_000;
/** https://discord.com/developers/docs/resources/message#get-channel-messages */
const pageSize = 100;
/** 5,000 messages of anyone's. Past that "absent" would be a guess. */
const pageLimit = 50;
/** More posts than this are not read: each costs a request. */
const mostPosts = 200;
/** The wait if an answer does not give one, in milliseconds. */
const laterMs = 60_000;
/** More unfinished searches than this are not remembered. */
const progressLimit = 1_000;
/** Milliseconds since the epoch stand in an id above its 22 lowest bits (https://discord.com/developers/docs/reference#snowflakes). */
const discordEpoch = 1_420_070_400_000;

/** Looks where a send may have put its message: in a thread, and in the room if it came there in the thread's place. */
export async function findSend(request: FindRequest, context: FindContext, signal: AbortSignal): Promise<FindResult> {
  const { room, action } = request;
  const thread = action === undefined ? null : threadOf(room, action);
  const forum = context.rooms.forum(room);
  if (thread === null && forum !== null) return findPost(request, forum, context, signal);
  if (thread === null || !holdsMark(request.payload, request.key)) return findMessage(request, context, signal);
  const seen = await context.client.request({ method: 'GET', route: `/channels/${thread}` }, signal);
  const findInRoom = () =>
    forum === null ? findMessage(request, context, signal) : findPost(request, forum, context, signal);
  if (codeOf(seen) === codes.unknownChannel) return findInRoom();
  if (seen.kind !== 'ok') return failed(seen, context.api);
  const inThread = await findMessage({ ...request, room: thread }, context, signal);
  if (inThread.outcome === 'found')
    return { ...inThread, platformId: platformIdOf(room, { channel: thread, message: inThread.platformId }) };
  if (inThread.outcome === 'later') return inThread;
  const inRoom = await findInRoom();
  return inRoom.outcome === 'absent' ? inThread : inRoom;
}

/** Looks for a post in a forum: the message that begins each of its newest threads, active ones first. */
async function findPost(
  request: FindRequest,
  { guild }: Pick<Forum, 'guild'>,
  context: FindContext,
  signal: AbortSignal,
): Promise<FindResult> {
  const { room, key, since } = request;
  const { client, api } = context;
  const author = request.author ?? context.user;
  if (!holdsMark(request.payload, key))
    return { outcome: 'unreadable', reason: 'the message has no link to metasmoke, and so no mark to look for' };
  const unreadable = await whyUnreadable(room, context, signal);
  if (unreadable !== null) return unreadable;
  const oldest = BigInt(firstIdAt(since - clockMarginMs));
  const threads = new Set<string>();
  for (const route of [`/guilds/${guild}/threads/active`, `/channels/${room}/threads/archived/public`] as const) {
    const listed = await client.request({ method: 'GET', route }, signal);
    if (listed.kind !== 'ok') return failed(listed, api);
    for (const entry of listOf(objectOf(listed.body).threads).map(objectOf)) {
      const id = idOf(entry.id);
      const isOurs = entry.parent_id === room && entry.owner_id === author;
      if (id !== null && isOurs && BigInt(id) >= oldest) threads.add(id);
    }
  }
  const newest = [...threads].toSorted((a, b) => (BigInt(a) < BigInt(b) ? 1 : -1));
  if (newest.length > mostPosts)
    return { outcome: 'unreadable', reason: `more than ${mostPosts} posts were made there since` };
  for (const id of newest) {
    const seen = await client.request({ method: 'GET', route: `/channels/${id}/messages/${id}` }, signal);
    if (seen.kind === 'ok' && carriesMark(seen.body, key)) return { outcome: 'found', platformId: `${id}/${id}` };
    if (seen.kind !== 'ok' && codeOf(seen) !== codes.unknownMessage) return failed(seen, api);
  }
  return { outcome: 'absent' };
}

/**
 * Reads a room from shortly before the send's first attempt on, oldest first, for the message of ours that carries the key:
 * most often it stands on the first page. It must be our own, or of the account that sent it: a link is easily copied by anyone.
 */
export async function findMessage(
  request: FindRequest,
  context: FindContext,
  signal: AbortSignal,
): Promise<FindResult> {
  if (!holdsMark(request.payload, request.key))
    return { outcome: 'unreadable', reason: 'the message has no link to metasmoke, and so no mark to look for' };
  const unreadable = await whyUnreadable(request.room, context, signal);
  if (unreadable !== null) return unreadable;
  const name = `${request.room} ${request.key}`;
  const { client, progress } = context;
  let place = progress.get(name) ?? { after: firstIdAt(request.since - clockMarginMs), pages: 0 };
  progress.delete(name);
  const remember = (where: Place) => {
    if (progress.size < progressLimit) progress.set(name, where);
  };

  while (place.pages < pageLimit) {
    const page = await readPage(request.room, place.after, client, signal);
    if (!Array.isArray(page)) {
      const result = failed(page as Failure, context.api);
      if (result.outcome === 'later') remember(place);
      return result;
    }
    let newest = BigInt(place.after);
    for (const entry of page) {
      const message = objectOf(entry);
      const id = idOf(message.id);
      if (id === null) continue;
      if (BigInt(id) > newest) newest = BigInt(id);
      const isOurs = objectOf(message.author).id === (request.author ?? context.user);
      if (isOurs && carriesMark(message, request.key)) return { outcome: 'found', platformId: id };
    }
    // Without an id above the last one there is nothing more: an empty page, or a server that goes round in circles.
    if (newest === BigInt(place.after)) {
      const why = await whyUnreadable(request.room, context, signal);
      if (why?.outcome === 'later') remember(place);
      return why ?? { outcome: 'absent' };
    }
    place = { after: String(newest), pages: place.pages + 1 };
  }
  return { outcome: 'unreadable', reason: `more than ${pageLimit * pageSize} messages came there since` };
}

async function readPage(room: string, after: string, client: DiscordClient, signal: AbortSignal) {
  const query = { after, limit: String(pageSize) };
  const exchange = await client.request({ method: 'GET', route: `/channels/${room}/messages`, query }, signal);
  if (exchange.kind !== 'ok') return exchange;
  return Array.isArray(exchange.body)
    ? listOf(exchange.body)
    : ({ kind: 'unanswered', written: true, text: 'the answer was no list of messages' } as const);
}

/**
 * Null if the room can be read. To a bot without Read Message History Discord shows every room as empty
 * (https://discord.com/developers/docs/resources/message#get-channel-messages), which must not be taken for "absent": so this
 * is asked before reading, and again before that is said.
 */
async function whyUnreadable(room: string, context: FindContext, signal: AbortSignal): Promise<FindResult | null> {
  const standing = await readStanding(room, context, signal);
  if (standing.kind !== 'standing') return failed(standing, context.api);
  return standing.history ? null : { outcome: 'unreadable', reason: 'the bot lacks Read Message History there' };
}

function failed(failure: Failure, api: string): FindResult {
  const trouble = troubleOf(failure, api);
  const { reason } = trouble;
  if (trouble.kind === 'room' || trouble.kind === 'message') return { outcome: 'unreadable', reason };
  // A broken account is told by the next send; until then nothing is known about the room.
  return { outcome: 'later', waitMs: 'waitMs' in trouble ? trouble.waitMs : laterMs, reason };
}

/** The lowest id that a message of that time can have, as a text. */
function firstIdAt(time: number): string {
  return String(BigInt(Math.max(0, Math.floor(time) - discordEpoch)) << 22n);
}
