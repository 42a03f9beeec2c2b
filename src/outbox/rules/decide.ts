import type { FindResult, SendResult, TargetTrouble, WaitScope } from '../../adapters/adapter.ts';
import { backoffMs } from '../../time/backoff.ts';
import type { SendKind } from '../../words.ts';

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

/** A send whose answer came, with its history. */
export interface Attempted {
  /** Id of its row: 12 for the dead letter `s12`. */
  readonly id: number;
  /** Name of its room. */
  readonly room: string;
  readonly kind: SendKind;
  /** Attempts so far, this one included. If there were others, none of them had a clear answer: the room may show the message. */
  readonly attempts: number;
  /** Time that counts towards the 24 hours, ms. */
  readonly countedMs: number;
  /** Number of deliveries that it carries; 0 for a notice. */
  readonly deliveries: number;
  /** Number of sends of the room directly before this one whose answer was not clear. */
  readonly unclear: number;
}

/** Everything that follows from an answer. The rows are written first; the rest is done after the commit. */
export interface Transition {
  /** The change of the send, its message and its deliveries. */
  readonly step: SendStep;
  /** The pause of what lies around the send. */
  readonly pause: Pause;
  /** Delay before the room's next send, ms; 0: none. */
  readonly restMs: number;
  /** `Attempted.unclear` for the room's next send. */
  readonly unclear: number;
  /** True if the platform accepted the send just now. */
  readonly isAccepted: boolean;
  readonly log: readonly LogLine[];
  /** A notice to the operators; null: none. */
  readonly notice: { readonly cause: string; readonly text: string } | null;
  /** The state of the room, by the answer; null: it does not show that. */
  readonly flow: Flow | null;
}

/** The change of a send, its message and its deliveries. */
export type SendStep =
  /** The room shows the message. */
  | { readonly kind: 'settle'; readonly platformId: string }
  /** The room certainly does not show it: payload and key are discarded, and its deliveries are due after the wait (null: as before). */
  | { readonly kind: 'planAnew'; readonly waitMs: number | null }
  /** The room may show it: the same bytes are sent again with the same key. Until then the subject waits, not the room. */
  | { readonly kind: 'repeat'; readonly waitMs: number }
  /** The room certainly does not show it, and one of its deliveries may be the cause: each is tried alone. */
  | { readonly kind: 'split'; readonly reason: string }
  /** The message that it was to change stays as it is: it was deleted, is too old, or does not take the change. */
  | { readonly kind: 'leave'; readonly reason: string; readonly target: TargetTrouble | null }
  | { readonly kind: 'deadLetter'; readonly reason: string };

/** The pause of what lies around a send. */
export type Pause =
  | { readonly scope: 'none' }
  | { readonly scope: WaitScope; readonly waitMs: number }
  | { readonly scope: 'brokenRoom'; readonly reason: string }
  | { readonly scope: 'brokenAccount'; readonly reason: string };

/** The state of a room: messages go through, or wait. `cause` is equal for what an operator would call the same trouble. */
export type Flow =
  | { readonly state: 'goesOn' }
  | { readonly state: 'waits'; readonly cause: string; readonly reason: string };

export interface LogLine {
  readonly level: 'debug' | 'warn' | 'error';
  readonly text: string;
  readonly reason: string | null;
}

/** Decides what follows from an adapter's answer. Pure. A refusal of a repeat says nothing about the attempt before it. */
export function decide(result: SendResult, send: Attempted): Transition {
  const step = stepAfter(result, send);
  const isUnclear = result.outcome === 'unknown' || (result.outcome === 'notAccepted' && result.scope === 'message');
  const unclear = result.outcome === 'sent' ? 0 : send.unclear + (isUnclear ? 1 : 0);
  const waits = step.kind === 'repeat' || step.kind === 'planAnew';
  return {
    step,
    pause: waits ? pauseAfter(result) : noPause,
    // The cause may lie in each send alone, so the first one does not stop the room; the more follow, the slower the room goes on.
    restMs: isUnclear && unclear > 1 ? backoffMs(unclear - 1, { longestMs: LONGEST_REST_MS }) : 0,
    unclear,
    isAccepted: result.outcome === 'sent',
    log: [answerLine(result, send), ...stepLines(step, send)],
    notice: noticeOf(step, send),
    flow: flowAfter(result),
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
      return { kind: 'planAnew', waitMs: result.scope === 'message' ? waitMs : null };
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

const noPause: Pause = { scope: 'none' };

function pauseAfter(result: SendResult): Pause {
  switch (result.outcome) {
    case 'sent':
    case 'rejected':
    case 'unknown':
      return noPause;
    case 'notAccepted':
      return { scope: result.scope, waitMs: Math.max(0, result.waitMs) };
    case 'roomBroken':
      return { scope: 'brokenRoom', reason: result.reason };
    case 'accountBroken':
      return { scope: 'brokenAccount', reason: result.reason };
    default:
      return unreachable(result);
  }
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

function answerLine(result: SendResult, { room }: Attempted): LogLine {
  if (result.outcome === 'sent') return { level: 'debug', text: `sent to ${room}`, reason: null };
  const { outcome, reason } = result;
  return { level: 'debug', text: `room ${room}: ${outcome}: ${reason}`, reason };
}

function stepLines(step: SendStep, { id, room }: Attempted): readonly LogLine[] {
  switch (step.kind) {
    case 'split': {
      const { reason } = step;
      const text = `room ${room}: a message with several events was rejected (${reason}); each event is sent alone`;
      return [{ level: 'warn', text, reason }];
    }
    case 'leave':
      return [{ level: 'debug', text: `room ${room}: a message is left as it is`, reason: step.reason }];
    case 'deadLetter': {
      const { reason } = step;
      return [{ level: 'error', text: `dead letter s${id}: ${reason}; \`lookout outbox\` lists it`, reason }];
    }
    case 'settle':
    case 'planAnew':
    case 'repeat':
      return [];
    default:
      return unreachable(step);
  }
}

function noticeOf(step: SendStep, { room }: Attempted): Transition['notice'] {
  if (step.kind !== 'deadLetter') return null;
  const text = `A message for room ${room} could not be delivered (${step.reason}). lookout outbox list shows it.`;
  return { cause: 'dead letter', text };
}

/** True for a send that changes a message instead of making one: made twice it has one effect, and a dead letter would be of no use. */
export function isChange(kind: SendKind): boolean {
  return kind === 'edit' || kind === 'react' || kind === 'redact';
}

function unreachable(value: never): never {
  throw new Error(`not a known case: ${JSON.stringify(value)}`);
}
