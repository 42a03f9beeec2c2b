import type { SendRequest, SendResult } from '../adapter.ts';
import { codeOf, codes } from './codes.ts';
import { createPost } from './create-post.ts';
import { findMessage } from './find.ts';
import { plainThreadName, threadName } from './format/thread-name.ts';
import { placeOf } from './place.ts';
import { afterFailure } from './refused-send.ts';
import { isTextRefused, troubleOf } from './trouble.ts';
import { createIn, createReply, reply, type SendContext, written } from './write-message.ts';

/** A send whose message belongs into a thread. */
interface InThread {
  readonly request: SendRequest;
  readonly thread: string;
}

/** Age up to which an earlier attempt may be in the thread already, which is how long its nonce protected it, in milliseconds. */
const lookBackMs = 120_000;

/**
 * Sends a message into a thread, which is opened where there is none. Nothing is lost where that cannot be: the message
 * comes into the room, as a reply to the one that begins the thread; in a forum it begins a post.
 */
export async function sendInThread(
  { request, thread }: InThread,
  context: SendContext,
  signal: AbortSignal,
): Promise<SendResult> {
  const { threads } = context;
  const { room, payload, action } = request;
  const forum = context.rooms.forum(room);
  const instead = () =>
    forum === null ? reply(thread, request, context, signal) : createPost(request, forum, context, signal);
  if (threads.isShut(room) || threads.isShut(thread)) return instead();
  const target = placeOf(room, action !== undefined && 'target' in action ? action.target : thread);
  if (target.channel === room && !threads.isOpen(thread)) {
    const opened = await open({ request, thread }, context, signal);
    if (opened === 'none') return instead();
    if (opened !== 'open') return opened;
  }

  const answer =
    action?.kind === 'reply'
      ? await createReply(thread, target.message, payload, context, signal)
      : await createIn(thread, payload, context, signal);
  const result = await written(answer, thread, request, context, signal);
  if (result.outcome === 'sent') threads.opened(thread);
  // It is gone, locked or closed to us.
  if (result.outcome !== 'rejected' || result.target === undefined) return result;
  const since = context.clock.wall() - lookBackMs;
  const found = await findMessage({ room: thread, key: request.key, payload, since }, context, signal);
  if (found.outcome === 'found') return { outcome: 'sent', platformId: `${thread}/${found.platformId}` };
  if (found.outcome === 'later')
    return { outcome: 'notAccepted', waitMs: found.waitMs, scope: 'message', reason: found.reason };
  threads.shut(thread, room, result.reason);
  return instead();
}

/** `none`: there is no thread, and none can be opened. */
async function open(
  { request, thread }: InThread,
  context: SendContext,
  signal: AbortSignal,
): Promise<SendResult | 'open' | 'none'> {
  const { room, payload } = request;
  const { threads, client } = context;
  const openAs = (name: string) =>
    client.request(
      { method: 'POST', route: `/channels/${room}/messages/${thread}/threads`, body: JSON.stringify({ name }) },
      signal,
    );
  let exchange = await openAs(threadName(payload));
  // The name is the spammer's title.
  if (exchange.kind !== 'ok' && isTextRefused(troubleOf(exchange, context.api)))
    exchange = await openAs(plainThreadName);
  if (exchange.kind === 'ok' || codeOf(exchange) === codes.threadIsThere) {
    threads.opened(thread);
    return 'open';
  }
  const trouble = troubleOf(exchange, context.api);
  if (codeOf(exchange) === codes.unknownMessage) return { outcome: 'rejected', reason: trouble.reason, target: 'gone' };
  if (trouble.kind !== 'room' && trouble.kind !== 'message')
    return before(await afterFailure(exchange, room, request, context, signal));
  // Somebody else may have opened it, or we when we still were allowed to.
  const seen = await client.request({ method: 'GET', route: `/channels/${thread}` }, signal);
  if (seen.kind === 'ok') {
    threads.opened(thread);
    return 'open';
  }
  const why = troubleOf(seen, context.api);
  if (why.kind !== 'room' && why.kind !== 'message')
    return before(await afterFailure(seen, room, request, context, signal));
  threads.shut(trouble.kind === 'room' ? room : thread, room, trouble.reason);
  return 'none';
}

/** The message itself was not sent yet: whatever is not clear, it is not that. */
function before(result: SendResult): SendResult {
  if (result.outcome !== 'unknown') return result;
  return { outcome: 'notAccepted', waitMs: result.waitMs, scope: 'message', reason: result.reason };
}
