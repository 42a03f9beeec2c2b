import { objectOf } from '../../http/json.ts';
import type { SendRequest, SendResult } from '../adapter.ts';
import type { Call } from './client.ts';
import { idOf } from './exchange.ts';
import { asEdit } from './format/format.ts';
import type { ResolveContext } from './resolve.ts';
import { readStanding } from './standing.ts';
import { type Trouble, troubleOf } from './trouble.ts';

/** So long after Embed Links turned out to be gone, the message comes again as plain text, in milliseconds. */
const replanMs = 5_000;

/** Sends a stored payload, which holds the nonce and `enforce_nonce`: a repeat gives the first message's id again. An edit has neither. */
export async function sendMessage(
  request: SendRequest,
  context: ResolveContext,
  signal: AbortSignal,
): Promise<SendResult> {
  const exchange = await context.client.request(callOf(request), signal);
  if (exchange.kind === 'ok') {
    const platformId = idOf(objectOf(exchange.body).id);
    return platformId === null
      ? { outcome: 'unknown', waitMs: 5_000, reason: 'Discord answered 200 without a message id' }
      : { outcome: 'sent', platformId };
  }
  if (signal.aborted) return { outcome: 'unknown', waitMs: 1_000, reason: 'given up before the answer came' };
  return afterTrouble(troubleOf(exchange, context.api), request, context, signal);
}

function callOf({ room, payload, action = { kind: 'create' } }: SendRequest): Call {
  const route = `/channels/${room}/messages` as const;
  return action.kind === 'edit'
    ? { method: 'PATCH', route: `${route}/${action.target}`, body: asEdit(payload) }
    : { method: 'POST', route, body: payload };
}

async function afterTrouble(
  trouble: Trouble,
  request: SendRequest,
  context: ResolveContext,
  signal: AbortSignal,
): Promise<SendResult> {
  const { reason } = trouble;
  switch (trouble.kind) {
    case 'limited':
    case 'notDiscord':
      return { outcome: 'notAccepted', waitMs: trouble.waitMs, scope: trouble.scope, reason };
    case 'unreachable':
      return { outcome: 'notAccepted', waitMs: trouble.waitMs, scope: 'account', reason };
    case 'unclear':
      return { outcome: 'unknown', waitMs: trouble.waitMs, reason };
    case 'account':
      return { outcome: 'accountBroken', reason };
    case 'room':
      return refusedByRoom(reason, request, context, signal);
    case 'message':
      return { outcome: 'rejected', reason };
    default:
      return trouble satisfies never;
  }
}

/**
 * Looks what the bot lacks. Embed Links is enough to be refused with an embed (50013, like any other permission): then the
 * room takes plain text still, and nothing but the message's form has to change.
 */
async function refusedByRoom(
  reason: string,
  { room, payload }: SendRequest,
  context: ResolveContext,
  signal: AbortSignal,
): Promise<SendResult> {
  const standing = await readStanding(room, context, signal);
  if (standing.kind !== 'standing') return { outcome: 'roomBroken', reason };
  context.rooms.note(room, standing);
  if (standing.obstacle !== null) return { outcome: 'roomBroken', reason: `${standing.obstacle} (${reason})` };
  if (standing.embeds || !holdsEmbeds(payload)) return { outcome: 'roomBroken', reason };
  return {
    outcome: 'notAccepted',
    waitMs: replanMs,
    scope: 'room',
    reason: `the bot lacks Embed Links now: the message is made anew, as plain text (${reason})`,
  };
}

function holdsEmbeds(payload: string): boolean {
  try {
    const { embeds } = objectOf(JSON.parse(payload));
    return Array.isArray(embeds) && embeds.length > 0;
  } catch {
    return false;
  }
}
