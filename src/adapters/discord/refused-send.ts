import { objectOf } from '../../text/json.ts';
import type { SendAction, SendRequest, SendResult, TargetTrouble } from '../adapter.ts';
import { codeOf, codes } from './codes.ts';
import type { Failure } from './exchange.ts';
import type { ResolveContext } from './resolve.ts';
import { readStanding } from './standing.ts';
import { troubleOf } from './trouble.ts';

/** Time after which a message is sent again as plain text if Embed Links turned out to be gone, in milliseconds. */
const replanMs = 5_000;

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
      return { outcome: 'notAccepted', waitMs: trouble.waitMs, scope: trouble.scope, reason };
    case 'unreachable':
      return { outcome: 'notAccepted', waitMs: trouble.waitMs, scope: 'account', reason };
    case 'unclear':
      return { outcome: 'unknown', waitMs: trouble.waitMs, reason };
    case 'account':
      return { outcome: 'accountBroken', reason };
    case 'room': {
      // A thread that takes nothing says nothing of the room around it.
      const isThread = channel !== request.room;
      if (isThread && codeOf(failure) === codes.unknownChannel) return { outcome: 'rejected', reason, target: 'gone' };
      const result = await refusedByRoom(reason, request, context, signal);
      return isThread && result.outcome === 'roomBroken' ? { outcome: 'rejected', reason, target: 'tooOld' } : result;
    }
    case 'message':
      return { outcome: 'rejected', reason, ...targetTrouble(codeOf(failure), request.action) };
    default:
      return trouble satisfies never;
  }
}

/** Of a new message these codes say nothing about another. */
function targetTrouble(code: number | null, action: SendAction | undefined): { readonly target?: TargetTrouble } {
  if (action?.kind !== 'edit' && action?.kind !== 'react') return {};
  if (code === codes.unknownMessage) return { target: 'gone' };
  return code === codes.tooOldToEdit ? { target: 'tooOld' } : {};
}

/**
 * Looks what the bot lacks. Embed Links is enough to be refused with an embed (50013, like any other permission): then the
 * room takes plain text still, and nothing but the message's form has to change. Without Add Reactions it takes messages still.
 */
async function refusedByRoom(
  reason: string,
  { room, payload, action }: SendRequest,
  context: ResolveContext,
  signal: AbortSignal,
): Promise<SendResult> {
  const standing = await readStanding(room, context, signal);
  if (standing.kind !== 'standing') return { outcome: 'roomBroken', reason };
  context.rooms.note(room, standing);
  if (standing.obstacle !== null) return { outcome: 'roomBroken', reason: `${standing.obstacle} (${reason})` };
  if (action?.kind === 'react' || action?.kind === 'redact')
    return { outcome: 'rejected', reason: `the room takes messages, but not this reaction: ${reason}` };
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
