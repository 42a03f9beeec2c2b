import { createHash } from 'node:crypto';
import { type Clock, sleep } from '../../clock.ts';
import type { Answer } from '../../commands/invocation.ts';
import type { Log } from '../../log.ts';
import type { WrittenLine } from './command-line.ts';
import type { SendContext } from './failed-send.ts';
import { format } from './format/format.ts';
import { inThread } from './format/relate.ts';
import { printable } from './printable.ts';
import { send } from './send.ts';

export interface AnswersOptions {
  readonly context: () => SendContext;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Posts the answers to commands. */
export interface Answers {
  /** Resolves when the answer is there or refused, or must wait: then it goes on in the background. */
  give(line: WrittenLine, answer: Answer): Promise<void>;
  /** How many wait in the background. */
  readonly pending: number;
  /** Resolves when none waits any more. */
  settled(): Promise<void>;
}

/** So often an answer is tried, and so long it may take at most, in milliseconds: later nobody waits for it. */
const tries = 5;
const longestMs = 10 * 60_000;
const shortestWaitMs = 1_000;

/** Answers are posted in the order of their commands within a room; a room that must wait holds up no other. */
export function createAnswers({ context, clock, log, signal }: AnswersOptions): Answers {
  /** The rooms that wait, with the end of their last answer. */
  const waiting = new Map<string, Promise<void>>();
  let pending = 0;

  /** Tries once; the wait before the next try in milliseconds, null where none is to follow. */
  async function attempt(room: string, key: string, payload: string): Promise<number | null> {
    const result = await send({ room, key, payload }, context(), signal);
    if (result.outcome === 'sent') return null;
    if ('waitMs' in result) return Math.max(shortestWaitMs, result.waitMs);
    log.debug(
      { platform: 'matrix', room: printable(room), reason: result.reason },
      'an answer to a command was refused',
    );
    return null;
  }

  async function persist(room: string, key: string, payload: string, firstWaitMs: number | null): Promise<void> {
    const giveUpAt = clock.monotonic() + longestMs;
    let waitMs = firstWaitMs ?? (await attempt(room, key, payload));
    for (let tried = 1; waitMs !== null && !signal.aborted; tried++) {
      if (tried >= tries || clock.monotonic() + waitMs > giveUpAt)
        return log.warn({ platform: 'matrix', room: printable(room) }, 'an answer to a command was given up');
      await sleep(clock, waitMs, signal);
      if (!signal.aborted) waitMs = await attempt(room, key, payload);
    }
  }

  function inBackground(room: string, work: () => Promise<void>): void {
    pending++;
    const end = (waiting.get(room) ?? Promise.resolve())
      .then(work)
      .catch((err: unknown) => log.error({ platform: 'matrix', room: printable(room), err }, 'an answer failed'))
      .finally(() => {
        pending--;
        if (waiting.get(room) === end) waiting.delete(room);
      });
    waiting.set(room, end);
  }

  return {
    async give(line, { message }) {
      const { room } = line;
      // The same command gets the same id, so that its answer is shown once however often it is sent.
      const key = createHash('sha256').update(line.eventId).digest('base64url').slice(0, 22);
      // In the thread of the command or in one that begins with it.
      const payload = inThread(format(message, key), line.thread ?? line.eventId, line.eventId);
      if (waiting.has(room)) return inBackground(room, () => persist(room, key, payload, null));
      const waitMs = await attempt(room, key, payload);
      if (waitMs !== null) inBackground(room, () => persist(room, key, payload, waitMs));
    },
    get pending() {
      return pending;
    },
    async settled() {
      while (waiting.size > 0) await Promise.all(waiting.values());
    },
  };
}
