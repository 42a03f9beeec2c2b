import type { SendRequest, SendResult } from '../adapter.ts';
import type { HomeserverClient } from './client.ts';
import type { Failure } from './exchange.ts';
import type { Rooms } from './rooms.ts';
import { troubleOf } from './trouble.ts';

export interface SendContext {
  readonly client: HomeserverClient;
  readonly rooms: Rooms;
  /** For reasons: where the homeserver is. */
  readonly homeserver: string;
  /** The account's id, null before the first login. */
  readonly user: string | null;
}

export const givenUp: SendResult = { outcome: 'unknown', waitMs: 1_000, reason: 'given up before the answer came' };

/** `before`: trouble with a request before the message is sent, so the message itself was certainly not accepted. */
export async function afterFailure(
  failure: Failure,
  request: SendRequest,
  context: SendContext,
  signal: AbortSignal,
  when: 'before' | 'while sending',
): Promise<SendResult> {
  if (signal.aborted) return givenUp;
  const trouble = troubleOf(failure, context.homeserver);
  const { reason } = trouble;
  // A room may take messages, but no reactions of ours.
  const isReaction = request.action?.kind === 'react' || request.action?.kind === 'redact';
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
      if (isReaction && obstacle === null) return { outcome: 'rejected', reason };
      return { outcome: 'roomBroken', reason: typeof obstacle === 'string' ? `${obstacle} (${reason})` : reason };
    }
    case 'invalid':
      return when === 'before' && !isReaction ? { outcome: 'roomBroken', reason } : { outcome: 'rejected', reason };
    default:
      return trouble satisfies never;
  }
}
