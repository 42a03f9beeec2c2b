import type { Log } from '../../log.ts';
import type { SendRequest, SendResult } from '../adapter.ts';
import type { HomeserverClient } from './client.ts';
import type { AccountEncryption } from './encryption/encryption.ts';
import type { Failure } from './exchange.ts';
import type { Rooms } from './rooms.ts';
import { type Trouble, troubleOf } from './trouble.ts';

export interface SendContext {
  readonly client: HomeserverClient;
  readonly rooms: Rooms;
  readonly encryption: AccountEncryption;
  /** For reasons: where the homeserver is. */
  readonly homeserver: string;
  /** The account's id, null before the first login. */
  readonly user: string | null;
  readonly log: Log;
}

export const givenUp: SendResult = { outcome: 'unknown', waitMs: 1_000, reason: 'given up before the answer came' };

/** Delay before a message is sent again that was refused for no reason that we know, in milliseconds. */
const unexplainedMs = 10 * 60_000;

export const unexplained = (reason: string): SendResult => ({
  outcome: 'notAccepted',
  waitMs: unexplainedMs,
  scope: 'message',
  reason,
});

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
        ? putOff(trouble.waitMs, request, reason)
        : { outcome: 'unknown', waitMs: trouble.waitMs, reason };
    case 'account':
      return { outcome: 'accountBroken', reason };
    case 'forbidden':
    case 'missing':
      return refused(trouble, { request, when }, context, signal);
    case 'invalid':
      return when === 'before' && isNew(request) ? { outcome: 'roomBroken', reason } : { outcome: 'rejected', reason };
    default:
      return trouble satisfies never;
  }
}

/** True for a message that is about no other: its refusal may be the room's. */
export function isNew({ action }: SendRequest): boolean {
  return action === undefined || action.kind === 'create';
}

/** It is not known whether the room takes messages. */
function putOff(waitMs: number, { action }: SendRequest, reason: string): SendResult {
  const isMessage = action === undefined || action.kind === 'create' || action.kind === 'reply';
  return { outcome: 'notAccepted', waitMs, scope: isMessage ? 'room' : 'change', reason };
}

/**
 * Looks whether we may speak in the room. If we may, it is the message that is refused: by a module of the homeserver that does not
 * like its text, such as a spam checker (https://element-hq.github.io/synapse/latest/modules/spam_checker_callbacks.html#check_event_for_spam),
 * or since what it is about is not there.
 */
async function refused(
  { kind, reason }: Trouble & { readonly kind: 'forbidden' | 'missing' },
  { request, when }: { readonly request: SendRequest; readonly when: 'before' | 'while sending' },
  context: SendContext,
  signal: AbortSignal,
): Promise<SendResult> {
  const { room, action } = request;
  if (context.user === null) return { outcome: 'roomBroken', reason };
  const obstacle = await context.rooms.obstacle(room, context.user, signal);
  if (typeof obstacle === 'string') return { outcome: 'roomBroken', reason: `${obstacle} (${reason})` };
  if (obstacle !== null) {
    const seen = troubleOf(obstacle, context.homeserver);
    return 'waitMs' in seen ? putOff(seen.waitMs, request, reason) : { outcome: 'roomBroken', reason };
  }
  if (action?.kind === 'react' || action?.kind === 'redact') return { outcome: 'rejected', reason };
  if (kind === 'forbidden' && when === 'while sending') return { outcome: 'rejected', reason, isFiltered: true };
  if (!isNew(request)) return { outcome: 'rejected', reason };
  return unexplained(reason);
}
