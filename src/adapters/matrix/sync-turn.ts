import type { Failure } from './exchange.ts';
import { troubleOf } from './trouble.ts';

/** The result of one request of the sync. */
export type SyncTurn =
  | { readonly outcome: 'moved'; readonly to: string }
  | { readonly outcome: 'quiet' }
  | { readonly outcome: 'failed'; readonly waitMs: number | null; readonly reason: string }
  | { readonly outcome: 'stuck'; readonly reason: string }
  | { readonly outcome: 'refusedPosition'; readonly reason: string }
  | { readonly outcome: 'refusedAccount'; readonly reason: string }
  /** A bug of ours. */
  | { readonly outcome: 'threw'; readonly error: unknown };

/** An answer to a request of the sync, with what decides whether the homeserver follows. Times by the monotonic clock, ms. */
export interface SyncAnswer {
  /** The position that was sent, and the one that came back. */
  readonly since: string | null;
  readonly nextBatch: string | null;
  /** The longest time for which the homeserver was to hold the request. */
  readonly holdMs: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** When the first message since the position last moved was accepted. */
  readonly acceptedAt: number | null;
}

/** Judges an answer: a homeserver must hold a request until there is news, and then move the position. */
export function turnOfAnswer(answer: SyncAnswer): SyncTurn {
  const { since, nextBatch, holdMs, startedAt, endedAt, acceptedAt } = answer;
  if (nextBatch === null) return { outcome: 'stuck', reason: 'an answer without next_batch' };
  if (nextBatch !== since) return { outcome: 'moved', to: nextBatch };
  if (endedAt - startedAt < holdMs / 2) return { outcome: 'stuck', reason: 'answered at once without moving on' };
  if (holdMs > 0 && acceptedAt !== null && acceptedAt < startedAt)
    return { outcome: 'stuck', reason: 'a message was accepted, but the position did not move' };
  return { outcome: 'quiet' };
}

/** Judges a failure; `since` is the position that was sent. */
export function turnOfFailure(failure: Failure, since: string | null, homeserver: string): SyncTurn {
  const trouble = troubleOf(failure, homeserver);
  const { reason } = trouble;
  switch (trouble.kind) {
    case 'limited':
      return { outcome: 'failed', waitMs: trouble.waitMs, reason };
    case 'unreachable':
    case 'unclear':
    case 'notMatrix':
    case 'forbidden':
    case 'missing':
      return { outcome: 'failed', waitMs: null, reason };
    case 'invalid':
      // A homeserver that was restored or moved to another database does not know its old positions.
      return since === null ? { outcome: 'failed', waitMs: null, reason } : { outcome: 'refusedPosition', reason };
    case 'account':
      return { outcome: 'refusedAccount', reason };
    default:
      return trouble satisfies never;
  }
}
