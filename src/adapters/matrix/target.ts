import { type JsonObject, objectOf, textOf } from '../../text/json.ts';
import type { SendRequest, SendResult } from '../adapter.ts';
import { afterFailure, type SendContext } from './failed-send.ts';
import { troubleOf } from './trouble.ts';

/** The message that a send is about; `result` where nothing can be done about it now. */
export type Target =
  | { readonly kind: 'there'; readonly content: JsonObject }
  | { readonly kind: 'not'; readonly result: SendResult };

const gone: SendResult = { outcome: 'rejected', reason: 'the message was deleted in the room', target: 'gone' };

/** A homeserver takes what is about a message that was redacted, and hardly anybody ever sees it: so the message is looked at first. */
export async function whatIsThere(
  request: SendRequest,
  target: string,
  context: SendContext,
  signal: AbortSignal,
): Promise<Target> {
  const path = `/rooms/${encodeURIComponent(request.room)}/event/${encodeURIComponent(target)}`;
  const exchange = await context.client.request({ method: 'GET', path }, signal);
  if (exchange.kind === 'ok') {
    const content = objectOf(exchange.body.content);
    return textOf(content.body ?? content.ciphertext) === null
      ? { kind: 'not', result: gone }
      : { kind: 'there', content };
  }
  if (troubleOf(exchange, context.homeserver).kind === 'missing') return { kind: 'not', result: gone };
  return { kind: 'not', result: await afterFailure(exchange, request, context, signal, 'before') };
}
