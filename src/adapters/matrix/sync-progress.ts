import { backoffMs } from '../../time/backoff.ts';
import type { SyncTurn } from './sync-turn.ts';

/** The state of the sync between two requests. */
export interface SyncProgress {
  /** The position from which the next request asks; null: it starts afresh. */
  readonly since: string | null;
  /** When the first message since the position last moved was accepted, by the monotonic clock. */
  readonly acceptedAt: number | null;
  /** True once a request worked. */
  readonly answered: boolean;
  /** Number of failures in a row. */
  readonly failures: number;
  /** Number of answers in a row that did not move the position. */
  readonly stuck: number;
  /** The trouble was logged, so its end is too. */
  readonly isTroubleLogged: boolean;
  /** By the monotonic clock. */
  readonly stuckLoggedAt: number;
}

/** One line for the log. `err` is a bug of ours. */
export interface SyncLogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly text: string;
  readonly err?: unknown;
}

/** The consequences of one request. */
export interface SyncStep {
  readonly progress: SyncProgress;
  /** Delay before the next request, ms. */
  readonly waitMs: number;
  readonly line: SyncLogLine | null;
}

/** The longest time for which the homeserver holds a request without news, ms. */
const longPollMs = 30_000;
const shortestBackoffMs = 1_000;
const longestBackoffMs = 60_000;
/** Delay before the next try after a refused account, ms; a login that works ends the wait. */
const refusedAccountMs = 5 * 60_000;
/** Number of answers in a row without a new position after which the position is dropped. */
const stuckLimit = 5;
/**
 * Shortest time between two log lines about a homeserver that is stuck again and again, ms. Some may answer a quiet request with
 * the position that they were given; then starting afresh now and then is a slow, but sound way to get the news.
 */
const stuckSilenceMs = 60 * 60 * 1_000;

export const syncStart: SyncProgress = {
  since: null,
  acceptedAt: null,
  answered: false,
  failures: 0,
  stuck: 0,
  isTroubleLogged: false,
  stuckLoggedAt: Number.NEGATIVE_INFINITY,
};

/**
 * Returns for how long the homeserver is to hold the next request, ms. The first one, and the first after a failure, is not held:
 * an answer at once shows that all is well.
 */
export function holdMsOf({ answered, failures }: SyncProgress): number {
  return answered && failures === 0 ? longPollMs : 0;
}

/** Returns true if the sync follows the homeserver. */
export function isFollowing({ outcome }: SyncTurn): boolean {
  return outcome === 'moved' || outcome === 'quiet';
}

/** Decides the consequences of a request. `now` is by the monotonic clock. */
export function nextSyncStep(before: SyncProgress, turn: SyncTurn, now: number): SyncStep {
  switch (turn.outcome) {
    case 'moved':
      return worked({ ...before, since: turn.to, acceptedAt: null });
    case 'quiet':
      return worked(before);
    case 'failed': {
      const progress = failed(before);
      const text = `the sync with the homeserver failed (${turn.reason}): it is tried again, sends go on`;
      return logOnce(progress, turn.waitMs ?? backoff(progress.failures), { level: 'warn', text });
    }
    case 'stuck':
      return stuck(before, turn.reason, now);
    case 'refusedPosition': {
      const text = `the homeserver refuses the sync position (${turn.reason}): the sync starts afresh`;
      return { progress: { ...before, since: null }, waitMs: shortestBackoffMs, line: { level: 'warn', text } };
    }
    case 'refusedAccount': {
      const text = `the homeserver refuses us the sync: ${turn.reason}`;
      return logOnce(failed(before), refusedAccountMs, { level: 'error', text });
    }
    case 'threw': {
      const progress = failed(before);
      const line = { level: 'error', text: 'the sync failed on our side, it is tried again', err: turn.error } as const;
      return { progress, waitMs: backoff(progress.failures), line };
    }
    default:
      return turn satisfies never;
  }
}

function worked(before: SyncProgress): SyncStep {
  const progress = { ...before, answered: true, failures: 0, stuck: 0, isTroubleLogged: false };
  const text = 'the sync with the homeserver works again';
  return { progress, waitMs: 0, line: before.isTroubleLogged ? { level: 'info', text } : null };
}

function failed(before: SyncProgress): SyncProgress {
  return { ...before, failures: before.failures + 1 };
}

/** A position that does not move is dropped after some tries. */
function stuck(before: SyncProgress, reason: string, now: number): SyncStep {
  const times = before.stuck + 1;
  if (times < stuckLimit) return { progress: { ...before, stuck: times }, waitMs: backoff(times), line: null };
  const afresh = { ...before, since: null, stuck: 1 };
  if (now - before.stuckLoggedAt < stuckSilenceMs) return { progress: afresh, waitMs: longestBackoffMs, line: null };
  return {
    progress: { ...afresh, isTroubleLogged: true, stuckLoggedAt: now },
    waitMs: longestBackoffMs,
    line: { level: 'warn', text: `the sync with the homeserver is stuck (${reason}): it starts afresh` },
  };
}

/** Logs a trouble when it begins. */
function logOnce(progress: SyncProgress, waitMs: number, line: SyncLogLine): SyncStep {
  return {
    progress: { ...progress, isTroubleLogged: true },
    waitMs,
    line: progress.isTroubleLogged ? null : line,
  };
}

function backoff(times: number): number {
  return backoffMs(times, { firstMs: shortestBackoffMs, longestMs: longestBackoffMs });
}
