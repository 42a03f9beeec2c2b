import { type JsonObject, objectOf, textOf } from '../../text/json.ts';

/** A message to the bot in a room. */
export interface WrittenLine {
  readonly room: string;
  readonly eventId: string;
  readonly sender: string;
  /** The text after the prefix or the mention; else the whole line. */
  readonly text: string;
  /** True if it had a prefix or a mention: else it is for us only in a conversation with one other person. */
  readonly addressed: boolean;
  /** The thread it is in; null: none. */
  readonly thread: string | null;
  /** The message that it replies to; null: none. */
  readonly repliesTo: string | null;
  /** By the sender's server, Unix milliseconds. */
  readonly sentAt: number;
}

/** Reads a message of a timeline; null for what no person wrote to be read: notices, edits, pictures, our own. */
export function readWrittenLine(room: string, event: JsonObject, user: string, prefix: string): WrittenLine | null {
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
  const addressedText = behindAddress(line, user, prefix, mentions(content, user), inReply !== null);
  if (line === '') return null;
  return {
    room,
    eventId,
    sender,
    text: addressedText ?? line,
    addressed: addressedText !== null,
    thread,
    repliesTo: relation.is_falling_back === true ? null : inReply,
    sentAt: typeof event.origin_server_ts === 'number' ? event.origin_server_ts : 0,
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

/** `!mute`, `!lookout mute`, `@lookout:example.org: mute`, `lookout: mute`; null if a line does not address the bot. */
function behindAddress(
  line: string,
  user: string,
  prefix: string,
  isMentioned: boolean,
  isReply: boolean,
): string | null {
  if (line.startsWith(prefix)) {
    const text = line.slice(prefix.length);
    // "!!!" and "! well" are no commands.
    if (!/^[a-z]/i.test(text)) return null;
    return text.replace(/^lookout\b\s*/i, '') || 'help';
  }
  const localpart = user.slice(1, user.indexOf(':'));
  for (const name of [user, `@${localpart}`, localpart]) {
    if (!line.toLowerCase().startsWith(name.toLowerCase())) continue;
    const rest = line.slice(name.length);
    const isAddress = /^\s*[:,]/.test(rest) || (isMentioned && /^\s/.test(rest));
    if (isAddress) return rest.replace(/^\s*[:,]?\s*/, '') || 'help';
  }
  // A client shows a mention by a display name that we need not know: "Lookout: mute" or "Lookout mute".
  // A reply to us mentions us too, whatever it says: "Thanks: well done" is not a command then.
  if (!isMentioned || isReply) return null;
  const behindName = /^[^:,]{1,64}[:,]\s*(.+)$/.exec(line)?.[1];
  return behindName ?? null;
}
