import { createHash, randomBytes } from 'node:crypto';
import type { Answer } from '../../commands/invocation.ts';
import type { Log } from '../../log.ts';
import type { Message } from '../../render/message.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import type { AnswerTurns } from '../adapter.ts';
import type { WrittenLine } from './command-line.ts';
import type { SendContext } from './failed-send.ts';
import { format, limitsOf } from './format/format.ts';
import { inThread } from './format/relate.ts';
import { printable } from './printable.ts';
import { send } from './send.ts';

export interface AnswersOptions {
  readonly context: () => SendContext;
  readonly turns: AnswerTurns;
  /** Writes the commands that a message names as they are typed here. */
  readonly spoken: (message: Message) => Message;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Posts the answers to commands. */
export interface Answers {
  /** Resolves when the answer is there or refused, or must wait: then it goes on in the background. */
  give(line: WrittenLine, answer: Answer): Promise<void>;
  /** Posts a message of ours in the background, unless it becomes null. It goes last. */
  post(room: string, message: Promise<Message | null>): void;
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

export function createAnswers(options: AnswersOptions): Answers {
  return new OrderedAnswers(options);
}

/**
 * Answers are posted in the order of their commands within a room; a room that must wait holds up no other, and what goes last in a
 * room nothing else in it.
 */
class OrderedAnswers implements Answers {
  readonly #options: AnswersOptions;
  /** The rooms that wait, by rank, with the end of their last answer. */
  readonly #waiting = new Map<string, Promise<void>>();
  #pending = 0;

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  get pending(): number {
    return this.#pending;
  }

  async settled(): Promise<void> {
    while (this.#waiting.size > 0) await Promise.all(this.#waiting.values());
  }

  async give(line: WrittenLine, answer: Answer): Promise<void> {
    const { turns, spoken, signal } = this.#options;
    const said = { ...answer, message: spoken(answer.message) };
    const stored = storedAnswer(line, said, this.#limits(line.room));
    // The next command does not wait for it.
    if (this.#waiting.has(queueOf(stored)) || turns.isLimited) return this.#inBackground(stored, null);
    const waitMs = await this.#attempt(stored, signal);
    if (waitMs !== null) this.#inBackground(stored, waitMs);
  }

  post(room: string, message: Promise<Message | null>): void {
    const key = randomBytes(16).toString('base64url');
    const stored = message.then((said): Stored | null =>
      said === null
        ? null
        : { room, key, payload: format(this.#options.spoken(said), key, [], this.#limits(room)), rank: 'last' },
    );
    this.#queue({ room, rank: 'last' }, async () => {
      const answer = await stored;
      if (answer !== null) await this.#persist(answer, null);
    });
  }

  #limits(room: string) {
    return limitsOf(this.#options.context().rooms.isEncrypted(room));
  }

  #inBackground(answer: Stored, firstWaitMs: number | null): void {
    this.#queue(answer, () => this.#persist(answer, firstWaitMs));
  }

  #queue(where: Pick<Stored, 'room' | 'rank'>, work: () => Promise<void>): void {
    const { log } = this.#options;
    const queue = queueOf(where);
    this.#pending++;
    const end = (this.#waiting.get(queue) ?? Promise.resolve())
      .then(work)
      .catch((err: unknown) => log.error({ platform: 'matrix', room: printable(where.room), err }, 'an answer failed'))
      .finally(() => {
        this.#pending--;
        if (this.#waiting.get(queue) === end) this.#waiting.delete(queue);
      });
    this.#waiting.set(queue, end);
  }

  /** Tries until the answer is there, refused or too late. */
  async #persist(answer: Stored, firstWaitMs: number | null): Promise<void> {
    const { clock, log, signal } = this.#options;
    const giveUpAt = clock.monotonic() + longestMs;
    const tooLate = new AbortController();
    const cancel = clock.after(longestMs, () => tooLate.abort());
    const until = AbortSignal.any([signal, tooLate.signal]);
    let waitMs = firstWaitMs ?? (await this.#attempt(answer, until));
    for (let tried = 1; waitMs !== null && !signal.aborted; tried++) {
      if (tried >= tries || clock.monotonic() + waitMs > giveUpAt) {
        log.warn({ platform: 'matrix', room: printable(answer.room) }, 'an answer to a command was given up');
        break;
      }
      await sleep(clock, waitMs, until);
      if (!signal.aborted) waitMs = await this.#attempt(answer, until);
    }
    cancel();
  }

  /** Tries once, when it is its turn. Returns the delay before the next try, ms; null if none is to follow. */
  async #attempt({ room, key, payload, rank }: Stored, until: AbortSignal): Promise<number | null> {
    const { context, turns, log, signal } = this.#options;
    const end = await turns.take(rank, until);
    if (end === null) return shortestWaitMs;
    const result = await send({ room, key, payload }, context(), signal).finally(end);
    if (result.outcome === 'sent') return null;
    if (result.outcome === 'notAccepted' && result.scope === 'account') turns.limited(result.waitMs);
    if ('waitMs' in result) return Math.max(shortestWaitMs, result.waitMs);
    const { reason } = result;
    log.debug({ platform: 'matrix', room: printable(room), reason }, 'an answer to a command was refused');
    return null;
  }
}

function queueOf({ room, rank }: Pick<Stored, 'room' | 'rank'>): string {
  return `${rank} ${room}`;
}

/** Formats an answer for the thread of the command, or for one that begins with it. */
function storedAnswer(
  { room, eventId, thread }: WrittenLine,
  { message, isLast = false }: Answer,
  limits: ReturnType<typeof limitsOf>,
): Stored {
  // The same command gets the same id, so that its answer is shown once however often it is sent.
  const key = createHash('sha256').update(eventId).digest('base64url').slice(0, 22);
  const payload = inThread(format(message, key, [], limits), thread ?? eventId, eventId);
  return { room, key, payload, rank: isLast ? 'last' : 'usual' };
}
