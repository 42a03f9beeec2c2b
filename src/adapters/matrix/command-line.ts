import { type JsonObject, objectOf, textOf } from '../../text/json.ts';
import { decoded } from './address.ts';

/** A message to the bot in a room. */
export interface WrittenLine {
  readonly room: string;
  readonly eventId: string;
  readonly sender: string;
  /** The text after the prefix or the mention; else the whole line. */
  readonly text: string;
  /**
   * Says how it addresses us: by `name`; with the `prefix`, which other bots may share; `not` at all: then it is for us
   * only in a conversation with one other person.
   */
  readonly addressed: 'name' | 'prefix' | 'not';
  /** True if it does not address us in a way that can be read here, but may do so by the name that we have in the room. */
  readonly mayNameUs: boolean;
  /** The thread it is in; null: none. */
  readonly thread: string | null;
  /** The message that it replies to; null: none. */
  readonly repliesTo: string | null;
  /** By the sender's server, Unix milliseconds. */
  readonly sentAt: number;
  /** Its age when our homeserver sent it to us, by the clock of that, ms; null if it does not say. */
  readonly ageMs: number | null;
  readonly isEncrypted: boolean;
}

/** A message as it came, or as it was decrypted. */
export interface RoomMessage {
  readonly room: string;
  readonly event: JsonObject;
  readonly isEncrypted: boolean;
}

/** Reads a message of a timeline; null for what no person wrote to be read: notices, edits, pictures, our own. */
export function readWrittenLine(
  { room, event, isEncrypted }: RoomMessage,
  user: string,
  prefix: string,
): WrittenLine | null {
  if (event.type !== 'm.room.message' || event.state_key !== undefined) return null;
  const [eventId, sender] = [textOf(event.event_id), textOf(event.sender)];
  const content = objectOf(event.content);
  const body = textOf(content.body);
  if (eventId === null || sender === null || body === null || sender === user || content.msgtype !== 'm.text')
    return null;
  const relation = objectOf(content['m.relates_to']);
  if (relation.rel_type === 'm.replace') return null;
  const inReply = textOf(objectOf(relation['m.in_reply_to']).event_id);
  const thread = relation.rel_type === 'm.thread' ? textOf(relation.event_id) : null;
  const line =
    withoutQuote(body, inReply !== null)
      .trim()
      .split(/\r?\n/, 1)[0] ?? '';
  const isMentioned = mentions(content, user);
  const named = behindPill(line, content, user) ?? behindName(line, user, isMentioned, inReply !== null);
  const prefixed = behindPrefix(line, prefix, isMentioned && inReply === null);
  if (line === '') return null;
  const { age } = objectOf(event.unsigned);
  return {
    room,
    eventId,
    sender,
    ...(prefixed ?? { text: named ?? line, addressed: named === null ? 'not' : 'name' }),
    mayNameUs: named === null && prefixed === null && (line.startsWith('@') || (isMentioned && inReply === null)),
    thread,
    repliesTo: relation.is_falling_back === true ? null : inReply,
    sentAt: typeof event.origin_server_ts === 'number' ? event.origin_server_ts : 0,
    ageMs: typeof age === 'number' ? age : null,
    isEncrypted,
  };
}

/** Older clients quote what they reply to before their text (https://spec.matrix.org/v1.12/client-server-api/#fallbacks-for-rich-replies). */
function withoutQuote(body: string, isReply: boolean): string {
  return isReply && body.startsWith('> ') ? body.replace(/^(?:>[^\n]*\n)+\n?/, '') : body;
}

function mentions(content: JsonObject, user: string): boolean {
  const { user_ids: ids } = objectOf(content['m.mentions']);
  return Array.isArray(ids) && ids.includes(user);
}

/** `!mute`, `!lookout mute`; null if a line does not begin with the prefix. */
function behindPrefix(
  line: string,
  prefix: string,
  isMentioned: boolean,
): Pick<WrittenLine, 'text' | 'addressed'> | null {
  const text = line.startsWith(prefix) ? line.slice(prefix.length) : '';
  // "!!!" and "! well" are no commands.
  if (!/^[a-z]/i.test(text)) return null;
  const named = text.replace(/^lookout\b[:,]?\s*/i, '');
  if (named === text) return { text, addressed: isMentioned ? 'name' : 'prefix' };
  return { text: named || 'help', addressed: 'name' };
}

/** `@lookout:example.org: mute`, `@lookout:example.org mute`, `lookout: mute`; null if a line does not address the bot. */
function behindName(line: string, user: string, isMentioned: boolean, isReply: boolean): string | null {
  const localpart = user.slice(1, user.indexOf(':'));
  for (const name of [user, `@${localpart}`, localpart]) {
    if (!line.toLowerCase().startsWith(name.toLowerCase())) continue;
    const rest = line.slice(name.length);
    // Another's id may begin like ours. A person who writes the id, or its first part with the @, means us.
    const isAddress =
      (name === localpart ? /^\s*[:,]/ : /^\s*(?:,|:(?:\s|$))/).test(rest) ||
      ((isMentioned || name !== localpart) && /^(?:\s|$)/.test(rest));
    if (isAddress) return rest.replace(/^\s*[:,]?\s*/, '') || 'help';
  }
  // A client shows a mention by a display name that we need not know: "Lookout: mute" or "Lookout mute".
  // A reply to us mentions us too, whatever it says: "Thanks: well done" is not a command then.
  if (!isMentioned || isReply) return null;
  const behindDisplayName = /^[^:,]{1,64}[:,]\s*(\S.*)$/s.exec(line)?.[1];
  return behindDisplayName ?? null;
}

/**
 * The link that clients make of a mention, and the name in it (https://spec.matrix.org/v1.16/client-server-api/#user-and-room-mentions).
 * Anybody in a room writes what it is tried on: no part can end in more than one place, or be long.
 */
const pill =
  /^\s{0,20}(?:<p>\s{0,20})?<a\s[^>]{0,500}?href=["'](?:https:\/\/matrix\.to\/#\/|matrix:u\/)([^"'?>]{1,400})(?:\?[^"'>]{0,400})?["'][^>]{0,500}>([^<]{1,255})<\/a>/i;

/** A link at the beginning of a message ends before this, in characters. */
const longestPill = 1_500;

/** `<a href="https://matrix.to/#/@lookout:example.org">Lookout</a> mute`; null if a message does not begin with a link to the bot. */
function behindPill(line: string, { formatted_body: html }: JsonObject, user: string): string | null {
  const [, to = '', label = ''] = typeof html === 'string' ? (pill.exec(html.slice(0, longestPill)) ?? []) : [];
  const id = decoded(to);
  return id === user || `@${id}` === user ? behindOwnName(line, plainOf(label)) : null;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const plainOf = (html: string) => html.replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name]!);

/** `@Lookout mute`, `Lookout: mute`: returns what stands behind the name that we have in a room; null if a line does not begin with it. */
export function behindOwnName(line: string, name: string): string | null {
  const own = name.trim().replace(/^@/, '').toLowerCase();
  const from = line.startsWith('@') ? 1 : 0;
  if (own === '' || !line.slice(from).toLowerCase().startsWith(own)) return null;
  const rest = line.slice(from + own.length);
  return /^\s*(?:[:,]|\s|$)/.test(rest) ? rest.replace(/^\s*[:,]?\s*/, '') || 'help' : null;
}
