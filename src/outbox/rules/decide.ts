import type { FindResult, SendResult, WaitScope } from '../../adapters/adapter.ts';
import { backoffMs } from '../../time/backoff.ts';
import type { SendKind } from '../../words.ts';
import type { Attempted, Flow, Pause, SendStep, Transition } from './transition.ts';
import { answerLines, noticeOf, stepLines } from './transition-texts.ts';

/** Time that counts after which a send without a clear answer becomes a dead letter, ms. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;
/** Longest rest of a room whose sends get no clear answer, ms. */
const LONGEST_REST_MS = 60_000;
/** Time that a platform gets to show a message before one that is not found counts as not sent, ms. */
const SETTLING_MS = 60_000;
/** Shortest delay before a room that could not be searched is searched again, ms. */
const SHORTEST_SEARCH_WAIT_MS = 1_000;

/** Beginning of the reason of a dead letter that the room may show all the same. */
export const maybeSent = 'maybe sent';

/** Decides what follows from an adapter's answer. Pure. A refusal of a repeat says nothing about the attempt before it. */
export function decide(result: SendResult, send: Attempted): Transition {
  const step = stepAfter(result, send);
  const isUnclear = result.outcome === 'unknown' || (result.outcome === 'notAccepted' && result.scope === 'message');
  const unclear = result.outcome === 'sent' ? 0 : send.unclear + (isUnclear ? 1 : 0);
  const waits = step.kind === 'repeat' || step.kind === 'planAnew';
  return {
    step,
    pause: waits ? pauseAfter(result, send.kind) : noPause,
    // The cause may lie in each send alone, so the first one does not stop the room; the more follow, the slower the room goes on.
    restMs: isUnclear && unclear > 1 ? backoffMs(unclear - 1, { longestMs: LONGEST_REST_MS }) : 0,
    unclear,
    isAccepted: result.outcome === 'sent',
    log: [...answerLines(result, send), ...stepLines(step, send)],
    notice: noticeOf(step, send),
    flow: concernsRoom(result, send) ? flowAfter(result) : null,
  };
}

/** Decides what follows from a search of the room for a send. `lastMs`: time since its last attempt, ms. Pure. */
export function decideFound(found: FindResult, send: Attempted, lastMs: number): Transition {
  return withoutAnswer(stepAfterSearch(found, lastMs), send);
}

/** The transition of a send on which our own code fails, so that it is not tried again. Pure. */
export function giveUp(send: Attempted, reason: string): Transition {
  return withoutAnswer({ kind: 'deadLetter', reason: `${maybeSent}; ${reason}` }, send);
}

function stepAfter(result: SendResult, send: Attempted): SendStep {
  const mayBeThere = send.attempts > 1;
  switch (result.outcome) {
    case 'sent':
      return { kind: 'settle', platformId: result.platformId };
    case 'rejected':
      if (isChange(send.kind) || result.target === 'gone')
        return { kind: 'leave', reason: result.reason, target: result.target ?? null };
      if (send.deliveries > 1 && !mayBeThere) return { kind: 'split', reason: result.reason };
      return {
        kind: 'deadLetter',
        reason: mayBeThere ? `${maybeSent}; a repeat was rejected: ${result.reason}` : result.reason,
      };
    case 'unknown':
      if (send.countedMs >= GIVE_UP_AFTER_MS)
        return tooLate(send, result.reason, `${maybeSent}; no clear answer for 24 h: ${result.reason}`);
      return { kind: 'repeat', waitMs: backoffMs(send.attempts, { askedMs: result.waitMs }) };
    case 'notAccepted': {
      if (send.countedMs >= GIVE_UP_AFTER_MS)
        return tooLate(send, result.reason, `not accepted for 24 h: ${result.reason}`);
      const waitMs = Math.max(0, result.waitMs);
      if (mayBeThere) return { kind: 'repeat', waitMs };
      return { kind: 'planAnew', waitMs: waitsAlone(result.scope, send.kind) ? waitMs : null };
    }
    case 'roomBroken':
    case 'accountBroken':
      return mayBeThere ? { kind: 'repeat', waitMs: 0 } : { kind: 'planAnew', waitMs: null };
    default:
      return unreachable(result);
  }
}

function stepAfterSearch(found: FindResult, lastMs: number): SendStep {
  switch (found.outcome) {
    case 'found':
      return { kind: 'settle', platformId: found.platformId };
    case 'absent': {
      const waitMs = Math.ceil(SETTLING_MS - lastMs);
      return waitMs > 0 ? { kind: 'repeat', waitMs } : { kind: 'planAnew', waitMs: null };
    }
    case 'unreadable':
      return { kind: 'deadLetter', reason: `${maybeSent}; the room cannot be read back: ${found.reason}` };
    case 'later':
      return { kind: 'repeat', waitMs: Math.max(SHORTEST_SEARCH_WAIT_MS, found.waitMs) };
    default:
      return unreachable(found);
  }
}

/** A change that did not get through for a day is of no use any more; anything else becomes a dead letter. */
function tooLate({ kind }: Attempted, reason: string, deadReason: string): SendStep {
  return isChange(kind)
    ? { kind: 'leave', reason: `no change got through for 24 h: ${reason}`, target: null }
    : { kind: 'deadLetter', reason: deadReason };
}

/** True if the deliveries of a send wait, and not what lies around it. Those of a change go into a new message meanwhile. */
function waitsAlone(scope: WaitScope, kind: SendKind): boolean {
  return scope === 'message' || (scope === 'change' && !isChange(kind));
}

const noPause: Pause = { scope: 'none' };

function pauseAfter(result: SendResult, kind: SendKind): Pause {
  switch (result.outcome) {
    case 'sent':
    case 'rejected':
    case 'unknown':
      return noPause;
    case 'notAccepted': {
      const { scope } = result;
      const waitMs = Math.max(0, result.waitMs);
      return scope === 'change' ? { scope, kind, waitMs } : { scope, waitMs };
    }
    case 'roomBroken':
      return { scope: 'brokenRoom', reason: result.reason };
    case 'accountBroken':
      return { scope: 'brokenAccount', reason: result.reason };
    default:
      return unreachable(result);
  }
}

/** False if new messages of the room go on all the same. */
function concernsRoom(result: SendResult, send: Attempted): boolean {
  if (result.outcome === 'notAccepted' && result.scope === 'change' && mayBeLimited(send.kind)) return false;
  if (!isBeside(send)) return true;
  if (result.outcome === 'notAccepted') return result.scope === 'room' || result.scope === 'account';
  return result.outcome !== 'unknown';
}

function flowAfter(result: SendResult): Flow | null {
  switch (result.outcome) {
    case 'sent':
    case 'rejected':
      return { state: 'goesOn' };
    case 'unknown':
      return { state: 'waits', cause: 'unknown', reason: `no clear answer: ${result.reason}` };
    case 'notAccepted':
      return { state: 'waits', cause: `notAccepted ${result.scope}`, reason: result.reason };
    case 'roomBroken':
    case 'accountBroken':
      // Logged by the room and the account themselves.
      return null;
    default:
      return unreachable(result);
  }
}

function withoutAnswer(step: SendStep, send: Attempted): Transition {
  return {
    step,
    pause: noPause,
    restMs: 0,
    unclear: send.unclear,
    isAccepted: false,
    log: stepLines(step, send),
    notice: noticeOf(step, send),
    flow: null,
  };
}

/** True for a send that changes a message instead of making one: made twice it has one effect, and a dead letter would be of no use. */
export function isChange(kind: SendKind): boolean {
  return kind === 'edit' || kind === 'react' || kind === 'redact';
}

/**
 * True for a send whose trouble says nothing about new messages of the room: it changes a message, or goes into a thread and carries no
 * delivery. What a room that gathers subjects is sent mostly goes into threads, so trouble with deliveries there is trouble of the room.
 */
export function isBeside({ kind, deliveries }: Pick<Attempted, 'kind' | 'deliveries'>): boolean {
  return isChange(kind) || (kind === 'thread' && deliveries === 0);
}

/** True for a send of a kind that platforms limit apart from new messages. */
export function mayBeLimited(kind: SendKind): boolean {
  return isChange(kind) || kind === 'thread';
}

function unreachable(value: never): never {
  throw new Error(`not a known case: ${JSON.stringify(value)}`);
}
