import type { SendRequest, SendResult } from '../adapter.ts';
import type { Call } from './client.ts';
import { asEdit } from './format/format.ts';
import { type Place, placeOf, threadOf } from './place.ts';
import { react } from './react.ts';
import { sendInThread } from './send-in-thread.ts';
import { create, reply, type SendContext, written } from './write-message.ts';

/** Sends a stored payload, which holds the nonce and `enforce_nonce`: a repeat gives the first message's id again. An edit has neither. */
export async function sendMessage(
  request: SendRequest,
  context: SendContext,
  signal: AbortSignal,
): Promise<SendResult> {
  const { room, payload, action = { kind: 'create' } } = request;
  const thread = threadOf(room, action);
  if (thread !== null) return sendInThread({ request, thread }, context, signal);
  switch (action.kind) {
    case 'create':
      return written(await context.client.request(create(room, payload), signal), room, request, context, signal);
    case 'edit':
      return edit(placeOf(room, action.target), request, context, signal);
    case 'reply':
    case 'thread':
      return reply(action.target, request, context, signal);
    case 'react':
    case 'redact':
      return react(action.kind, action.target, request, context, signal);
    default:
      return action satisfies never;
  }
}

async function edit(
  { channel, message }: Place,
  request: SendRequest,
  context: SendContext,
  signal: AbortSignal,
): Promise<SendResult> {
  const route = `/channels/${channel}/messages/${message}` as const;
  const call: Call = { method: 'PATCH', route, body: asEdit(request.payload) };
  return written(await context.client.request(call, signal), channel, request, context, signal);
}
