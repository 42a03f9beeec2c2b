import { listOf, objectOf, textOf } from '../../text/json.ts';
import type { SendRequest, SendResult } from '../adapter.ts';
import type { Failure } from './exchange.ts';
import { afterFailure, type SendContext } from './failed-send.ts';
import { whatIsThere } from './target.ts';

/** The wait if an answer does not give one, in milliseconds. */
const laterMs = 5_000;
/** Our own reactions to one message are few; those of others with the same emoji may be more. */
const pageLimit = 20;

/** Puts a reaction to a message (https://spec.matrix.org/v1.16/client-server-api/#event-annotations-and-reactions). */
export async function react(
  { request, target }: { readonly request: SendRequest; readonly target: string },
  context: SendContext,
  signal: AbortSignal,
): Promise<SendResult> {
  const emoji = request.payload.toWellFormed().trim();
  if (emoji === '') return { outcome: 'rejected', reason: 'a reaction without an emoji' };
  const there = await whatIsThere(request, target, context, signal);
  if (there.kind !== 'there') return there.result;
  const content = { 'm.relates_to': { rel_type: 'm.annotation', event_id: target, key: emoji } };
  const path = `/rooms/${encodeURIComponent(request.room)}/send/m.reaction/${encodeURIComponent(request.key)}`;
  const exchange = await context.client.request({ method: 'PUT', path, body: JSON.stringify(content) }, signal);
  if (exchange.kind === 'ok') {
    const platformId = textOf(exchange.body.event_id);
    return platformId === null || platformId === ''
      ? { outcome: 'unknown', waitMs: laterMs, reason: 'the homeserver answered 200 without an event_id' }
      : { outcome: 'sent', platformId };
  }
  return isThere(exchange)
    ? ours({ request, target, emoji }, context, signal)
    : afterFailure(exchange, request, context, signal, 'while sending');
}

/** Takes a reaction of ours away. One that is gone already is gone, as was wanted. */
export async function redact(
  { request, target }: { readonly request: SendRequest; readonly target: string },
  context: SendContext,
  signal: AbortSignal,
): Promise<SendResult> {
  const parts = [request.room, 'redact', target, request.key].map(encodeURIComponent);
  const exchange = await context.client.request(
    { method: 'PUT', path: `/rooms/${parts.join('/')}`, body: '{}' },
    signal,
  );
  if (exchange.kind === 'ok') return { outcome: 'sent', platformId: target };
  const result = await afterFailure(exchange, request, context, signal, 'while sending');
  const isGone = exchange.kind === 'refused' && exchange.status === 404 && exchange.code === 'M_NOT_FOUND';
  return isGone && result.outcome === 'rejected' ? { outcome: 'sent', platformId: target } : result;
}

/** Returns true if the same reaction exists: a second one is refused. */
function isThere(failure: Failure): boolean {
  return failure.kind === 'refused' && failure.status === 400 && failure.code === 'M_DUPLICATE_ANNOTATION';
}

/** Looks for the reaction of ours that is there (https://spec.matrix.org/v1.16/client-server-api/#relationships-api). */
async function ours(
  { request, target, emoji }: { readonly request: SendRequest; readonly target: string; readonly emoji: string },
  context: SendContext,
  signal: AbortSignal,
): Promise<SendResult> {
  const parts = [request.room, 'relations', target, 'm.annotation', 'm.reaction'].map(encodeURIComponent);
  const path = `/rooms/${parts.join('/')}`;
  let from: string | null = null;
  for (let page = 0; page < pageLimit; page++) {
    const query: Record<string, string> = { limit: '100', ...(from === null ? {} : { from }) };
    const exchange = await context.client.request({ method: 'GET', version: 'v1', path, query }, signal);
    if (exchange.kind !== 'ok') return afterFailure(exchange, request, context, signal, 'before');
    for (const event of listOf(exchange.body.chunk).map(objectOf)) {
      const { key } = objectOf(objectOf(event.content)['m.relates_to']);
      const platformId = textOf(event.event_id);
      if (event.sender === context.user && key === emoji && platformId !== null) return { outcome: 'sent', platformId };
    }
    from = textOf(exchange.body.next_batch);
    if (from === null) break;
  }
  return { outcome: 'unknown', waitMs: laterMs, reason: 'the reaction is there, but not among those of the message' };
}
