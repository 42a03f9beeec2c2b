import type { Log } from '../../log.ts';
import { objectOf } from '../../text/json.ts';
import type { SendRequest, SendResult } from '../adapter.ts';
import type { Call } from './client.ts';
import { codeOf, codes } from './codes.ts';
import { type Exchange, idOf } from './exchange.ts';
import type { Progress } from './find.ts';
import { asReply } from './format/format.ts';
import { platformIdOf } from './place.ts';
import { afterFailure } from './refused-send.ts';
import { requestAwake } from './request-awake.ts';
import type { ResolveContext } from './resolve.ts';
import type { Threads } from './threads.ts';

export interface SendContext extends ResolveContext {
  readonly log: Log;
  readonly threads: Threads;
  readonly progress: Progress;
}

/** Makes a message. */
export function createIn(
  channel: string,
  payload: string,
  context: SendContext,
  signal: AbortSignal,
): Promise<Exchange> {
  const call: Call = { method: 'POST', route: `/channels/${channel}/messages`, body: payload };
  return requestAwake(channel, call, context, signal);
}

/** Makes a reply. Where the bot may not read the channel, it comes as a message like any other. */
export async function createReply(
  channel: string,
  target: string,
  payload: string,
  context: SendContext,
  signal: AbortSignal,
): Promise<Exchange> {
  const exchange = await createIn(channel, asReply(payload, target), context, signal);
  return codeOf(exchange) === codes.replyNeedsHistory ? createIn(channel, payload, context, signal) : exchange;
}

/** Replies to a message that stands in the room itself. */
export async function reply(
  target: string,
  request: SendRequest,
  context: SendContext,
  signal: AbortSignal,
): Promise<SendResult> {
  const { room, payload } = request;
  return written(await createReply(room, target, payload, context, signal), room, request, context, signal);
}

/** Returns the result of a send from the answer to a message that was written or edited. */
export async function written(
  exchange: Exchange,
  channel: string,
  request: SendRequest,
  context: SendContext,
  signal: AbortSignal,
): Promise<SendResult> {
  if (exchange.kind !== 'ok') return afterFailure(exchange, channel, request, context, signal);
  const message = idOf(objectOf(exchange.body).id);
  return message === null
    ? { outcome: 'unknown', waitMs: 5_000, reason: 'Discord answered 200 without a message id' }
    : { outcome: 'sent', platformId: platformIdOf(request.room, { channel, message }) };
}
