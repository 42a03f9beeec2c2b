import type { SendRequest, SendResult } from '../adapter.ts';
import { codeOf, codes } from './codes.ts';
import type { Exchange } from './exchange.ts';
import { placeOf } from './place.ts';
import { afterFailure } from './refused-send.ts';
import { requestAwake } from './request-awake.ts';
import type { ResolveContext } from './resolve.ts';

/** There is no such reaction any more, as was wanted. */
const isGone: ReadonlySet<number | null> = new Set([codes.unknownMessage, codes.unknownEmoji]);

/**
 * Puts a reaction of ours to a message, or takes it away; its id is `<message>:<emoji>`. Both may be repeated
 * (https://discord.com/developers/docs/resources/message#create-reaction). A custom emoji is `<name>:<id>`.
 */
export async function react(
  kind: 'react' | 'redact',
  target: string,
  request: SendRequest,
  context: ResolveContext,
  signal: AbortSignal,
): Promise<SendResult> {
  const platformId = kind === 'react' ? `${target}:${request.payload.toWellFormed()}` : target;
  const [place = '', ...rest] = platformId.split(':');
  const emoji = rest.join(':');
  // As a part of a path they would lead elsewhere.
  if (/^[.\s]*$/.test(emoji)) return { outcome: 'rejected', reason: 'a reaction without an emoji' };
  const { channel, message } = placeOf(request.room, place);
  const route = `/channels/${channel}/messages/${message}/reactions/${encodeURIComponent(emoji)}/@me` as const;
  const call = { method: kind === 'react' ? 'PUT' : 'DELETE', route } as const;
  const exchange = await requestAwake(channel, call, context, signal);
  if (exchange.kind === 'ok') return done(exchange, platformId);
  const code = codeOf(exchange);
  const isThreadGone = code === codes.unknownChannel && channel !== request.room;
  if (kind === 'redact' && (isGone.has(code) || isThreadGone)) return { outcome: 'sent', platformId };
  return afterFailure(exchange, channel, request, context, signal);
}

/** Discord answers 204; something else that answers 200 has a page to show. */
function done({ body }: Exchange & { kind: 'ok' }, platformId: string): SendResult {
  return body === null
    ? { outcome: 'sent', platformId }
    : { outcome: 'unknown', waitMs: 5_000, reason: 'Discord answered a reaction with more than 204' };
}
