import { objectOf } from '../../text/json.ts';
import type { SendRequest, SendResult } from '../adapter.ts';
import type { Exchange } from './exchange.ts';
import { idOf } from './exchange.ts';
import { asPost, plainPostTitle, postTitle } from './format/post.ts';
import type { Forum } from './forum.ts';
import { platformIdOf } from './place.ts';
import { afterFailure } from './refused-send.ts';
import { isTextRefused, troubleOf } from './trouble.ts';
import type { SendContext } from './write-message.ts';

/**
 * Begins a post in a forum: a thread, whose first message has the thread's id
 * (https://docs.discord.com/developers/resources/channel#start-thread-in-forum-or-media-channel). It knows no nonce.
 */
export async function createPost(
  request: SendRequest,
  { tags }: Pick<Forum, 'tags'>,
  context: SendContext,
  signal: AbortSignal,
): Promise<SendResult> {
  const { room, payload } = request;
  const post = (name: string) =>
    context.client.request(
      { method: 'POST', route: `/channels/${room}/threads`, body: asPost(payload, { name, tags }) },
      signal,
    );
  const exchange = await post(postTitle(payload, context.forumLook.title));
  // The title is the spammer's.
  const isRefused = exchange.kind !== 'ok' && isTextRefused(troubleOf(exchange, context.api));
  return created(isRefused ? await post(plainPostTitle) : exchange, request, context, signal);
}

async function created(
  exchange: Exchange,
  request: SendRequest,
  context: SendContext,
  signal: AbortSignal,
): Promise<SendResult> {
  const { room } = request;
  if (exchange.kind !== 'ok') return afterFailure(exchange, room, request, context, signal);
  const body = objectOf(exchange.body);
  const channel = idOf(body.id);
  if (channel === null) return { outcome: 'unknown', waitMs: 5_000, reason: 'Discord answered a post without its id' };
  context.threads.opened(channel);
  const message = idOf(objectOf(body.message).id) ?? channel;
  return { outcome: 'sent', platformId: platformIdOf(room, { channel, message }) };
}
