import type { SendRequest, SendResult } from '../adapter.ts';
import type { Call } from './client.ts';
import { createPost } from './create-post.ts';
import { asEdit } from './format/format.ts';
import { standIn } from './format/stand-in.ts';
import { type Place, placeOf, threadOf } from './place.ts';
import { react } from './react.ts';
import { requestAwake } from './request-awake.ts';
import { sendInThread } from './send-in-thread.ts';
import { createIn, reply, type SendContext, written } from './write-message.ts';

/**
 * Sends a stored payload. A message that a content filter refuses is sent once more without its text, under the same nonce: the first
 * try made no message.
 */
export async function sendMessage(
  request: SendRequest,
  context: SendContext,
  signal: AbortSignal,
): Promise<SendResult> {
  const { room, payload, key, action, isAlone = false } = request;
  const result = await sendOnce(request, context, signal);
  const isReaction = action?.kind === 'react' || action?.kind === 'redact';
  if (result.outcome !== 'rejected' || result.isFiltered !== true || isReaction || !isAlone) return result;
  context.log.warn(
    { platform: 'discord', room, reason: result.reason },
    `Discord refuses the text of a message for room ${room} (${result.reason}): it is sent without it`,
  );
  const again = await sendOnce({ ...request, payload: standIn(payload, key) }, context, signal);
  return again.outcome === 'rejected' ? { ...again, reason: `${again.reason}; its text was refused before` } : again;
}

/** Sends a payload, which holds the nonce and `enforce_nonce`: a repeat gives the first message's id again. An edit has neither. */
async function sendOnce(request: SendRequest, context: SendContext, signal: AbortSignal): Promise<SendResult> {
  const { room, payload, action = { kind: 'create' } } = request;
  const thread = threadOf(room, action);
  if (thread !== null) return sendInThread({ request, thread }, context, signal);
  switch (action.kind) {
    case 'create': {
      const forum = context.rooms.forum(room);
      if (forum !== null) return createPost(request, forum, context, signal);
      return written(await createIn(room, payload, context, signal), room, request, context, signal);
    }
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
  return written(await requestAwake(channel, call, context, signal), channel, request, context, signal);
}
