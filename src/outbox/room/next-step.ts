import type { Work } from '../rows/next-work.ts';

/** Delay between two looks at whether a wave is over, ms. */
const WAVE_LOOK_MS = 1_000;
/** Delay before a muted room in which only changes wait is looked at again, ms; the end of the mute wakes it. */
const PAUSED_LOOK_MS = 60_000;
/** Longest delay before a room in which something waits for later is looked at again, ms: the clock may be set forward meanwhile. */
const LATER_LOOK_MS = 60_000;
/** Urgency of work that only changes what is shown: behind everything new. */
const LEAST_URGENT = 1_000;

/** A piece of work that can be done now. */
export type DueWork = Exclude<Work, { readonly kind: 'wait' }>;

/** A room as its worker sees it between two steps. */
export interface RoomState {
  /** Delay before the room may send, ms; 0 or less: it may now. */
  readonly roomWaitMs: number;
  /** True if the room has to be opened before it can send. */
  readonly needsCheck: boolean;
  /** The next work by the store; null: not looked up yet. */
  readonly work: Work | null;
  /** The room's turn among those of its account: `free` if the account is not limited, so that rooms take no turns. */
  readonly turn: 'none' | 'free' | 'taken';
  /** True if a wave is on, or the worker does not know. */
  readonly mayHaveWave: boolean;
  /** True if `mayHaveWave` was looked up just now. */
  readonly isWaveChecked: boolean;
  /** True if a mute stops the whole room. Matters only to work that changes shown messages. */
  readonly isPaused: boolean;
  /** Delay before the room may draw a message anew, ms; 0 or less: it may now. */
  readonly redrawWaitMs: number;
}

/** The next step of a room's worker. */
export type RoomStep =
  /** Waits until the room is woken, for `ms` at most; null: however long it takes. */
  | { readonly kind: 'wait'; readonly ms: number | null }
  | { readonly kind: 'open' }
  /** Looks up the next work. */
  | { readonly kind: 'find' }
  /** Looks whether the wave is over. */
  | { readonly kind: 'checkWave' }
  | { readonly kind: 'takeTurn'; readonly urgency: number }
  | { readonly kind: 'do'; readonly work: DueWork }
  /** Gives the turn back and begins anew: what the room was about to do cannot be done now. */
  | { readonly kind: 'startOver' };

/** Chooses the next step of a room's worker. `now`: Unix milliseconds. Pure. */
export function nextStep(state: RoomState, now: number): RoomStep {
  const { work, turn, roomWaitMs, needsCheck } = state;
  // Others wait for the turn: it is not kept while nothing can be sent.
  if (turn === 'taken' && (roomWaitMs > 0 || needsCheck || work?.kind === 'wait')) return { kind: 'startOver' };
  if (roomWaitMs > 0) return { kind: 'wait', ms: roomWaitMs };
  if (needsCheck) return { kind: 'open' };
  if (work === null) return { kind: 'find' };
  if (work.kind === 'wait') return stepOfIdle(work, state, now);
  if (turn !== 'none') return { kind: 'do', work };
  const ms = changeWaitMs(work, state);
  return ms > 0 ? { kind: 'wait', ms } : { kind: 'takeTurn', urgency: urgencyOf(work) };
}

/** The step while nothing is due. */
function stepOfIdle(work: Work & { readonly kind: 'wait' }, state: RoomState, now: number): RoomStep {
  const { mayHaveWave, isWaveChecked } = state;
  if (!isWaveChecked && (mayHaveWave || work.isGrowing)) return { kind: 'checkWave' };
  const untilMs = work.until === null ? null : Math.max(0, Math.min(LATER_LOOK_MS, work.until - now));
  return { kind: 'wait', ms: soonest(untilMs, mayHaveWave ? WAVE_LOOK_MS : null) };
}

/** Delay before cards and redraws that are due, ms; 0 or less: none. */
function changeWaitMs(work: DueWork, { isPaused, redrawWaitMs }: RoomState): number {
  if (!changesOnly(work)) return 0;
  if (isPaused) return PAUSED_LOOK_MS;
  return work.kind === 'redraw' ? redrawWaitMs : 0;
}

function urgencyOf(work: DueWork): number {
  if (work.kind === 'plan') return work.priority;
  return changesOnly(work) ? LEAST_URGENT : 0;
}

/** Returns true for work that only changes what the room shows. */
function changesOnly({ kind }: Work): boolean {
  return kind === 'redraw' || kind === 'card';
}

/** Returns the shorter of two delays; null: without an end. */
export function soonest(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.min(a, b);
}
