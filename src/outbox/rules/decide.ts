import type { SendResult, TargetTrouble, WaitScope } from '../../adapters/adapter.ts';
import { backoffMs } from '../../time/backoff.ts';
import type { SendKind } from '../../words.ts';

/** A send whose outcome stayed unknown for so long is a dead letter, in milliseconds of time that counts. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;

/** How the reason of a dead letter begins that the room may show all the same. */
export const maybeSent = 'maybe sent';

/** What is known about a send when its answer comes. */
export interface Attempted {
  /** Attempts so far, this one included. */
  readonly attempts: number;
  /** Whether an earlier attempt had no clear answer, so that the room may show the message already. */
  readonly mayBeThere: boolean;
  /** How much time counts towards the 24 hours, milliseconds. */
  readonly countedMs: number;
  /** How many deliveries it carries; 0 for a notice. */
  readonly deliveries: number;
  readonly kind: SendKind;
}

/** What happens to a send after an answer. */
export type Decision =
  | { readonly step: 'settle'; readonly platformId: string }
  /** Certainly not there: payload and key are discarded, its deliveries are planned anew. */
  | { readonly step: 'planAnew'; readonly pause: Pause }
  /** Perhaps there: the same bytes again with the same key; until then the subject is held back, not the room. */
  | { readonly step: 'repeat'; readonly waitMs: number; readonly pause: Pause }
  /** Certainly not there, and one of its deliveries may be why: each is tried alone. */
  | { readonly step: 'split'; readonly reason: string }
  /** The message that it is about stays as it is, since it was deleted, is too old, or takes no such change. */
  | { readonly step: 'leave'; readonly reason: string; readonly target: TargetTrouble | null }
  | { readonly step: 'deadLetter'; readonly reason: string };

/** Who waits beside the send itself. */
export type Pause =
  | { readonly who: 'nobody' }
  | { readonly who: WaitScope; readonly waitMs: number; readonly reason: string }
  | { readonly who: 'brokenRoom'; readonly reason: string }
  | { readonly who: 'brokenAccount'; readonly reason: string };

const nobody: Pause = { who: 'nobody' };

/** Decides what an adapter's answer means. Pure. A refusal of a repeat says nothing about the attempt before it. */
export function decide(result: SendResult, send: Attempted): Decision {
  switch (result.outcome) {
    case 'sent':
      return { step: 'settle', platformId: result.platformId };
    case 'rejected':
      if (isChange(send.kind) || result.target === 'gone')
        return { step: 'leave', reason: result.reason, target: result.target ?? null };
      if (send.deliveries > 1 && !send.mayBeThere) return { step: 'split', reason: result.reason };
      return {
        step: 'deadLetter',
        reason: send.mayBeThere ? `${maybeSent}; a repeat was rejected: ${result.reason}` : result.reason,
      };
    case 'unknown':
      if (send.countedMs >= GIVE_UP_AFTER_MS && isChange(send.kind)) return givenUp(result.reason);
      if (send.countedMs >= GIVE_UP_AFTER_MS)
        return { step: 'deadLetter', reason: `${maybeSent}; no clear answer for 24 h: ${result.reason}` };
      return { step: 'repeat', waitMs: backoffMs(send.attempts, result.waitMs), pause: nobody };
    case 'notAccepted': {
      if (send.countedMs >= GIVE_UP_AFTER_MS && isChange(send.kind)) return givenUp(result.reason);
      if (send.countedMs >= GIVE_UP_AFTER_MS)
        return { step: 'deadLetter', reason: `not accepted for 24 h: ${result.reason}` };
      const waitMs = Math.max(0, result.waitMs);
      return refused({ who: result.scope, waitMs, reason: result.reason }, waitMs, send);
    }
    case 'roomBroken':
      return refused({ who: 'brokenRoom', reason: result.reason }, 0, send);
    case 'accountBroken':
      return refused({ who: 'brokenAccount', reason: result.reason }, 0, send);
    default:
      return unreachable(result);
  }
}

/** Whether a send changes a message instead of making one: made twice it is seen once, and a dead letter would be of no use. */
export function isChange(kind: SendKind): boolean {
  return kind === 'edit' || kind === 'react' || kind === 'redact';
}

function givenUp(reason: string): Decision {
  return { step: 'leave', reason: `no change got through for 24 h: ${reason}`, target: null };
}

function refused(pause: Pause, waitMs: number, send: Attempted): Decision {
  return send.mayBeThere ? { step: 'repeat', waitMs, pause } : { step: 'planAnew', pause };
}

function unreachable(result: never): never {
  throw new Error(`no such answer: ${JSON.stringify(result)}`);
}

/** What is known about a stored send that is to be tried again. */
export interface Stored {
  readonly account: string;
  readonly device: string;
  /** How long ago the first attempt was, milliseconds; Infinity where the clock was set and nobody knows. */
  readonly ageMs: number;
}

/**
 * Whether a repeat with the same key makes no second message: same account, same device, and the platform still remembers
 * the key. Otherwise the room is looked through for the send's mark first.
 */
export function keyProtects(send: Stored, account: string, device: string, idempotentForMs: number): boolean {
  return send.account === account && send.device === device && send.ageMs < idempotentForMs;
}

/** Between two attempts no more time counts than a platform may ask us to wait, milliseconds: the rest is a clock that was set. */
const MOST_COUNTED_MS = 3_600_000;

/**
 * How much of the time since the last attempt counts towards the 24 hours: none of it if no send of the account got
 * through meanwhile, for then the platform was away, not the message at fault.
 */
export function countedMs(before: number, lastAttemptAt: number, now: number, lastSuccessAt: number | null): number {
  // A success that is still to come is one from before the clock was set back: it proves nothing.
  if (lastSuccessAt === null || lastSuccessAt <= lastAttemptAt || lastSuccessAt > now) return before;
  return before + Math.min(MOST_COUNTED_MS, now - lastAttemptAt);
}
