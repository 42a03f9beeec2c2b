import { troubleOf } from '../../store/trouble.ts';
import { type JsonObject, objectOf, textOf } from '../../text/json.ts';
import type { SendRequest, SendResult } from '../adapter.ts';
import { afterFailure, givenUp, isNew, type SendContext, unexplained } from './failed-send.ts';
import { asEdit } from './format/format.ts';
import { asReply, inThread } from './format/relate.ts';
import { standIn } from './format/stand-in.ts';
import { printable } from './printable.ts';
import { react, redact } from './react.ts';
import { whatIsThere } from './target.ts';

/**
 * Does what a stored send asks for, under its key as transaction id. In an encrypted
 * room it is encrypted first. A message whose text the homeserver
 * refuses is sent once more without it, under the same id: the first try made no event. A homeserver that refuses that too refuses
 * everything, such as while its spam checker fails: a new message waits.
 */
export async function send(request: SendRequest, context: SendContext, signal: AbortSignal): Promise<SendResult> {
  const { room, payload, isAlone = false } = request;
  const result = await sendOnce(request, context, signal);
  if (result.outcome !== 'rejected' || result.isFiltered !== true || !isAlone) return result;
  context.log.warn(
    { platform: 'matrix', room: printable(room), reason: result.reason },
    `the homeserver refuses the text of a message for ${printable(room)} (${result.reason}): it is sent without it`,
  );
  const again = await sendOnce({ ...request, payload: standIn(payload), sealed: null }, context, signal);
  if (again.outcome !== 'rejected') return again;
  // Nothing remains that a filter could dislike: it is not the message that is refused.
  if (again.isFiltered === true && isNew(request)) return unexplained(again.reason);
  return { ...again, reason: `${again.reason}; its text was refused before` };
}

async function sendOnce(request: SendRequest, context: SendContext, signal: AbortSignal): Promise<SendResult> {
  const encryption = await context.rooms.encryption(request.room, signal);
  if (typeof encryption !== 'string') return afterFailure(encryption, request, context, signal, 'before');
  if (signal.aborted) return givenUp;

  const { payload, action = { kind: 'create' } } = request;
  if (action.kind === 'create') return sendMessage(payload, request, context, signal);
  const { target } = action;
  if (action.kind === 'react') return react({ request, target }, context, signal);
  if (action.kind === 'redact') return redact({ request, target }, context, signal);
  const there = await whatIsThere(request, target, context, signal);
  if (there.kind !== 'there') return there.result;
  switch (action.kind) {
    case 'edit':
      return sendMessage(asEdit(payload, target), request, context, signal);
    case 'reply':
      return sendMessage(asReply(payload, target), request, context, signal);
    case 'thread': {
      // A message in a thread begins no other (https://spec.matrix.org/v1.16/client-server-api/#threading).
      const relation = objectOf(there.content['m.relates_to']);
      const root = relation.rel_type === 'm.thread' ? textOf(relation.event_id) : null;
      return sendMessage(inThread(payload, root ?? target, target), request, context, signal);
    }
    default:
      return action.kind satisfies never;
  }
}

/** Sends a content as `m.room.message`. */
async function sendMessage(
  content: string,
  request: SendRequest,
  context: SendContext,
  signal: AbortSignal,
): Promise<SendResult> {
  const body = wellFormed(content);
  const isSealed = typeof request.sealed === 'string' || context.rooms.isEncrypted(request.room);
  const event = isSealed ? await encrypted(body, request, context, signal) : { type: 'm.room.message', body };
  if ('outcome' in event) return event;
  const path = `/rooms/${encodeURIComponent(request.room)}/send/${event.type}/${encodeURIComponent(request.key)}`;
  const exchange = await context.client.request({ method: 'PUT', path, body: event.body }, signal);
  if (exchange.kind === 'ok') {
    const platformId = textOf(exchange.body.event_id);
    return platformId === null || platformId === ''
      ? { outcome: 'unknown', waitMs: 5_000, reason: 'the homeserver answered 200 without an event_id' }
      : { outcome: 'sent', platformId };
  }
  return afterFailure(exchange, request, context, signal, 'while sending');
}

/** Encrypts a content and stores the result; one that was encrypted before is sent as it was. */
async function encrypted(
  content: string,
  request: SendRequest,
  context: SendContext,
  signal: AbortSignal,
): Promise<{ readonly type: string; readonly body: string } | SendResult> {
  const { sealed = null, storeSealed } = request;
  const type = 'm.room.encrypted';
  if (sealed !== null) return { type, body: sealed };
  const sealing = await seal(request.room, objectOf(JSON.parse(content)), context, signal);
  if (sealing === null) return cannotSeal;
  if (sealing === 'tooLarge') return tooLarge;
  if ('reason' in sealing) return { outcome: 'roomBroken', reason: sealing.reason };
  if ('failure' in sealing) return afterFailure(sealing.failure, request, context, signal, 'before');
  await (storeSealed ?? ((each) => context.encryption.keep(each)))(sealing);
  return signal.aborted ? givenUp : { type, body: sealing.payload };
}

/** Encrypts a content; null: our own code or the library failed on it, which is logged. Throws if the store fails. */
async function seal(room: string, content: JsonObject, { encryption, log }: SendContext, signal: AbortSignal) {
  try {
    return await encryption.seal(room, content, signal);
  } catch (err) {
    if (troubleOf(err) !== null) throw err;
    log.error(
      { platform: 'matrix', room: printable(room), err },
      'a message could not be encrypted; it is tried again',
    );
    return null;
  }
}

/** Nothing left: it is made anew. */
const cannotSeal: SendResult = {
  ...{ outcome: 'notAccepted', waitMs: 60_000, scope: 'room' },
  reason: 'it could not be encrypted, see the log',
};

/** It was written when the room was not encrypted, where more can be said: it is written again. */
const tooLarge: SendResult = {
  ...{ outcome: 'notAccepted', waitMs: 1_000, scope: 'message' },
  reason: 'it is too large for an encrypted room',
};

/**
 * A lone surrogate gets a 500 from Synapse (measured, 1.163.2), for ever. `format` lets none through; this is for payloads that
 * came another way. `JSON.stringify` escapes a surrogate only when it is alone, so most payloads are not even parsed.
 */
function wellFormed(payload: string): string {
  if (!/\\u[dD][89a-fA-F]/.test(payload)) return payload.toWellFormed();
  try {
    return JSON.stringify(
      JSON.parse(payload, (_, value) => (typeof value === 'string' ? value.toWellFormed() : value)),
    );
  } catch {
    return payload.toWellFormed();
  }
}
