import { objectOf, textOf } from '../../http/json.ts';
import type { SendRequest, SendResult } from '../adapter.ts';
import type { HomeserverClient } from './client.ts';
import { asEdit } from './format/format.ts';
import { encryptedReason, type Rooms } from './rooms.ts';
import { type Trouble, troubleOf } from './trouble.ts';

export interface SendContext {
  readonly client: HomeserverClient;
  readonly rooms: Rooms;
  /** For reasons: where the homeserver is. */
  readonly homeserver: string;
  /** The account's id, null before the first login. */
  readonly user: string | null;
}

/** Sends a stored payload as `m.room.message` under its key as transaction id. Never into an encrypted room. */
export async function sendMessage(
  request: SendRequest,
  context: SendContext,
  signal: AbortSignal,
): Promise<SendResult> {
  const { client, rooms, homeserver } = context;
  const encryption = await rooms.encryption(request.room, signal);
  if (encryption === 'encrypted') return { outcome: 'roomBroken', reason: encryptedReason };
  if (encryption !== 'plain')
    return afterTrouble(troubleOf(encryption, homeserver), request, context, signal, 'before');
  if (signal.aborted) return givenUp;

  const path = `/rooms/${encodeURIComponent(request.room)}/send/m.room.message/${encodeURIComponent(request.key)}`;
  const { action = { kind: 'create' } } = request;
  if (action.kind === 'edit') {
    const trouble = await whyNotEditable(request.room, action.target, context, signal);
    if (trouble === 'gone')
      return { outcome: 'rejected', reason: 'the message was deleted in the room', target: 'gone' };
    if (trouble !== null) return afterTrouble(trouble, request, context, signal, 'before');
  }
  const payload = action.kind === 'edit' ? asEdit(request.payload, action.target) : request.payload;
  const exchange = await client.request({ method: 'PUT', path, body: wellFormed(payload) }, signal);
  if (exchange.kind === 'ok') {
    const platformId = textOf(exchange.body.event_id);
    return platformId === null || platformId === ''
      ? { outcome: 'unknown', waitMs: 5_000, reason: 'the homeserver answered 200 without an event_id' }
      : { outcome: 'sent', platformId };
  }
  return afterTrouble(troubleOf(exchange, homeserver), request, context, signal, 'while sending');
}

/**
 * A homeserver takes an edit of a message that was redacted, and nobody ever sees it: so the message is looked at first.
 * Null where it is there.
 */
async function whyNotEditable(
  room: string,
  event: string,
  { client, homeserver }: SendContext,
  signal: AbortSignal,
): Promise<'gone' | Trouble | null> {
  const path = `/rooms/${encodeURIComponent(room)}/event/${encodeURIComponent(event)}`;
  const exchange = await client.request({ method: 'GET', path }, signal);
  if (exchange.kind === 'ok') return textOf(objectOf(exchange.body.content).body) === null ? 'gone' : null;
  const trouble = troubleOf(exchange, homeserver);
  return trouble.kind === 'missing' ? 'gone' : trouble;
}

const givenUp: SendResult = { outcome: 'unknown', waitMs: 1_000, reason: 'given up before the answer came' };

/** `before`: trouble with what is asked before a message is sent, so the message itself was certainly not accepted. */
async function afterTrouble(
  trouble: Trouble,
  request: SendRequest,
  context: SendContext,
  signal: AbortSignal,
  when: 'before' | 'while sending',
): Promise<SendResult> {
  if (signal.aborted) return givenUp;
  const { reason } = trouble;
  switch (trouble.kind) {
    case 'limited':
    case 'unreachable':
      return { outcome: 'notAccepted', waitMs: trouble.waitMs, scope: 'account', reason };
    case 'notMatrix':
      return {
        outcome: 'notAccepted',
        waitMs: trouble.waitMs,
        scope: trouble.everywhere ? 'account' : 'message',
        reason,
      };
    case 'unclear':
      return when === 'before'
        ? { outcome: 'notAccepted', waitMs: trouble.waitMs, scope: 'room', reason }
        : { outcome: 'unknown', waitMs: trouble.waitMs, reason };
    case 'account':
      return { outcome: 'accountBroken', reason };
    case 'forbidden':
    case 'missing': {
      const obstacle = context.user === null ? null : await context.rooms.obstacle(request.room, context.user, signal);
      return { outcome: 'roomBroken', reason: typeof obstacle === 'string' ? `${obstacle} (${reason})` : reason };
    }
    case 'invalid':
      return when === 'before' ? { outcome: 'roomBroken', reason } : { outcome: 'rejected', reason };
    default:
      return trouble satisfies never;
  }
}

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
