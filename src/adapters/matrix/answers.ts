import { createHash } from 'node:crypto';
import type { Answer } from '../../commands/invocation.ts';
import type { Log } from '../../log.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import type { AnswerTurns } from '../adapter.ts';
import type { WrittenLine } from './command-line.ts';
import type { SendContext } from './failed-send.ts';
import { format } from './format/format.ts';
import { inThread } from './format/relate.ts';
import { printable } from './printable.ts';
import { send } from './send.ts';

export interface AnswersOptions {
  readonly context: () => SendContext;
  readonly turns: AnswerTurns;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Posts the answers to commands. */
export interface Answers {
  /** Resolves when the answer is there or refused, or must wait: then it goes on in the background. */
  give(line: WrittenLine, answer: Answer): Promise<void>;
  /** Number of answers that wait in the background. */
  readonly pending: number;
  /** Resolves when none waits any more. */
  settled(): Promise<void>;
}

/** Number of attempts at an answer, and the longest time that they may take, in milliseconds: a later answer is of no use. */
const tries = 5;
const longestMs = 10 * 60_000;
const shortestWaitMs = 1_000;

/** An answer as it is sent, however often. */
interface Stored {
  readonly room: string;
  readonly key: string;
  readonly payload: string;
  readonly rank: 'usual' | 'last';
}

/**
 * Answers are posted in the order of their commands within a room; a room that must wait holds up no other, and what goes last in a
 * room nothing else in it.
 */
export function createAnswers({ context, turns, clock, log, signal }: AnswersOptions): Answers {
  /** The rooms that wait, by rank, with the end of their last answer. */
  const waiting = new Map<string, Promise<void>>();
  let pending = 0;

  /** Tries once, when it is its turn; the wait before the next try in milliseconds, null if none is to follow. */
  async function attempt({ room, key, payload, rank }: Stored, until: AbortSignal): Promise<number | null> {
    const end = await turns.take(rank, until);
    if (end === null) return shortestWaitMs;
    const result = await send({ room, key, payload }, context(), signal).finally(end);
    if (result.outcome === 'sent') return null;
    if (result.outcome === 'notAccepted' && result.scope === 'account') turns.limited(result.waitMs);
    if ('waitMs' in result) return Math.max(shortestWaitMs, result.waitMs);
    log.debug(
      { platform: 'matrix', room: printable(room), reason: result.reason },
      'an answer to a command was refused',
    );
    return null;
  }

  async function persist(answer: Stored, firstWaitMs: number | null): Promise<void> {
    const giveUpAt = clock.monotonic() + longestMs;
    const tooLate = new AbortController();
    const cancel = clock.after(longestMs, () => tooLate.abort());
    const until = AbortSignal.any([signal, tooLate.signal]);
    let waitMs = firstWaitMs ?? (await attempt(answer, until));
    for (let tried = 1; waitMs !== null && !signal.aborted; tried++) {
      if (tried >= tries || clock.monotonic() + waitMs > giveUpAt) {
        log.warn({ platform: 'matrix', room: printable(answer.room) }, 'an answer to a command was given up');
        break;
      }
      await sleep(clock, waitMs, until);
      if (!signal.aborted) waitMs = await attempt(answer, until);
    }
    cancel();
  }

  const queueOf = ({ room, rank }: Stored) => `${rank} ${room}`;

  function inBackground(answer: Stored, firstWaitMs: number | null): void {
    pending++;
    const { room } = answer;
    const queue = queueOf(answer);
    const end = (waiting.get(queue) ?? Promise.resolve())
      .then(() => persist(answer, firstWaitMs))
      .catch((err: unknown) => log.error({ platform: 'matrix', room: printable(room), err }, 'an answer failed'))
      .finally(() => {
        pending--;
        if (waiting.get(queue) === end) waiting.delete(queue);
      });
    waiting.set(queue, end);
  }

  return {
    async give(line, { message, isLast = false }) {
      const { room } = line;
      // The same command gets the same id, so that its answer is shown once however often it is sent.
      const key = createHash('sha256').update(line.eventId).digest('base64url').slice(0, 22);
      // In the thread of the command or in one that begins with it.
      const payload = inThread(format(message, key), line.thread ?? line.eventId, line.eventId);
      const answer: Stored = { room, key, payload, rank: isLast ? 'last' : 'usual' };
      // The next command does not wait for it.
      if (waiting.has(queueOf(answer)) || turns.isLimited) return inBackground(answer, null);
      const waitMs = await attempt(answer, signal);
      if (waitMs !== null) inBackground(answer, waitMs);
    },
    get pending() {
      return pending;
    },
    async settled() {
      while (waiting.size > 0) await Promise.all(waiting.values());
    },
  };
}
