import { objectOf } from '../../text/json.ts';
import type { SendAction, SendRequest, SendResult, TargetTrouble, WaitScope } from '../adapter.ts';
import { codeOf, codes } from './codes.ts';
import type { Failure } from './exchange.ts';
import type { ResolveContext } from './resolve.ts';
import { readStanding } from './standing.ts';
import { type Trouble, troubleOf } from './trouble.ts';

/** Time after which a message is sent again as plain text if Embed Links turned out to be gone, in milliseconds. */
const replanMs = 5_000;
/** Delay before a message is sent again that was refused for no reason that we know, in milliseconds. */
const unexplainedMs = 10 * 60_000;

/** Returns the result of a send that failed; `channel` is the one that was written to, the room or a thread of it. */
export async function afterFailure(
  failure: Failure,
  channel: string,
  request: SendRequest,
  context: ResolveContext,
  signal: AbortSignal,
): Promise<SendResult> {
  if (signal.aborted) return { outcome: 'unknown', waitMs: 1_000, reason: 'given up before the answer came' };
  const trouble = troubleOf(failure, context.api);
  const { reason } = trouble;
  switch (trouble.kind) {
    case 'limited':
    case 'notDiscord':
      return notAccepted(trouble.waitMs, reachOf(trouble.scope, channel, request), reason);
    case 'unreachable':
      return notAccepted(trouble.waitMs, 'account', reason);
    case 'unclear':
      return { outcome: 'unknown', waitMs: trouble.waitMs, reason };
    case 'account':
      return { outcome: 'accountBroken', reason };
    case 'room':
      return refusedByRoom(trouble, { failure, channel, request }, context, signal);
    case 'message':
      return {
        outcome: 'rejected',
        reason,
        ...targetTrouble(trouble.target, request.action),
        ...(trouble.isText && { isFiltered: true }),
      };
    default:
      return trouble satisfies never;
  }
}

function notAccepted(waitMs: number, scope: WaitScope, reason: string): SendResult {
  return { outcome: 'notAccepted', waitMs, scope, reason };
}

/** True for a request whose refusal says nothing about new messages of the room: a change of a message, or a message in a thread. */
function isBeside(channel: string, { room, action }: SendRequest): boolean {
  return channel !== room || (action !== undefined && ['edit', 'react', 'redact', 'thread'].includes(action.kind));
}

/** Edits, reactions and threads have limits of their own (https://discord.com/developers/docs/topics/rate-limits). */
function reachOf(scope: WaitScope, channel: string, request: SendRequest): WaitScope {
  return scope === 'room' && isBeside(channel, request) ? 'change' : scope;
}

/** Of a new message these codes say nothing about another. */
function targetTrouble(
  target: TargetTrouble | null,
  action: SendAction | undefined,
): { readonly target?: TargetTrouble } {
  const isAbout = action?.kind === 'edit' || action?.kind === 'react';
  return isAbout && target !== null ? { target } : {};
}

interface RefusedSend {
  readonly failure: Failure;
  readonly channel: string;
  readonly request: SendRequest;
}

/**
 * Looks what the bot lacks. Embed Links is enough to be refused with an embed (50013, like any other permission): then the
 * room takes plain text still, and nothing but the message's form has to change. A room that takes messages may refuse changes of them.
 * A thread that takes nothing says nothing of the room around it.
 */
async function refusedByRoom(
  { reason, isKnown }: Trouble & { readonly kind: 'room' },
  { failure, channel, request }: RefusedSend,
  context: ResolveContext,
  signal: AbortSignal,
): Promise<SendResult> {
  const { room, payload, action } = request;
  const isThread = channel !== room;
  const besides = isBeside(channel, request);
  if (isThread && codeOf(failure) === codes.unknownChannel) return { outcome: 'rejected', reason, target: 'gone' };
  const broken = (why: string): SendResult =>
    isThread ? { outcome: 'rejected', reason, target: 'tooOld' } : { outcome: 'roomBroken', reason: why };
  const standing = await readStanding(room, context, signal);
  if (standing.kind !== 'standing') {
    const isRoom = troubleOf(standing, context.api).kind === 'room' || (isKnown && !besides);
    return isThread || isRoom ? broken(reason) : notAccepted(replanMs, reachOf('room', channel, request), reason);
  }
  context.rooms.note(room, standing);
  if (standing.obstacle !== null) return broken(`${standing.obstacle} (${reason})`);
  if (action?.kind === 'react' || action?.kind === 'redact')
    return { outcome: 'rejected', reason: `the room takes messages, but not this reaction: ${reason}` };
  if (!standing.embeds && holdsEmbeds(payload))
    return notAccepted(
      replanMs,
      reachOf('room', channel, request),
      `the bot lacks Embed Links now: the message is made anew, as plain text (${reason})`,
    );
  if (isThread) return broken(reason);
  if (besides) return { outcome: 'rejected', reason: `the room takes messages, but not this change: ${reason}` };
  return isKnown ? broken(reason) : notAccepted(unexplainedMs, 'message', reason);
}

function holdsEmbeds(payload: string): boolean {
  try {
    const { embeds } = objectOf(JSON.parse(payload));
    return Array.isArray(embeds) && embeds.length > 0;
  } catch {
    return false;
  }
}
