import type { Clock } from '../../time/clock.ts';
import { createTurns, LAST, type Turns } from './turns.ts';

/** Time for which an account counts as limited after the platform told it to wait, ms. */
const LIMITED_FOR_MS = 60_000;
/** Stands for answers to commands, which take turns like a room of their own: no room has this id. */
const ANSWERS = -1;
/** Urgency of an answer to a command: that of the least urgent events. */
const ANSWER_URGENCY = 4;

/** A room's turn to send. */
export type Turn =
  /** Nothing limits the account: rooms take no turns. */
  | { readonly turn: 'free' }
  /** `end` lets the next room send. */
  | { readonly turn: 'taken'; readonly end: () => void }
  /** The wait was stopped: nothing is to be sent. */
  | { readonly turn: 'stopped' };

/** When the rooms of an account may send: after each pause that the platform asks for, and for a while after it one room at a time. */
export class AccountPace {
  readonly #clock: Clock;
  readonly #ready: (signal: AbortSignal) => Promise<boolean>;
  readonly #turns: Turns;
  /** By the monotonic clock. */
  #notBefore = Number.NEGATIVE_INFINITY;
  /** The account counts as limited until then, by the monotonic clock. */
  #limitedUntil = Number.NEGATIVE_INFINITY;

  /** `ready`: resolves with true once the account may send, with false when its signal is aborted. */
  constructor(clock: Clock, ready: (signal: AbortSignal) => Promise<boolean>) {
    this.#clock = clock;
    this.#ready = ready;
    this.#turns = createTurns(clock);
  }

  /** Delay before anything may be sent, ms; 0 or less: it may now. */
  get waitMs(): number {
    return this.#notBefore - this.#clock.monotonic();
  }

  /** True if the platform told the account to wait a moment ago. */
  get isLimited(): boolean {
    return this.#clock.monotonic() < this.#limitedUntil;
  }

  pause(waitMs: number): void {
    this.#notBefore = Math.max(this.#notBefore, this.#clock.monotonic() + waitMs);
    this.#limitedUntil = this.#notBefore + LIMITED_FOR_MS;
  }

  endPause(): void {
    this.#notBefore = Number.NEGATIVE_INFINITY;
  }

  async turn(room: number, urgency: number, signal: AbortSignal): Promise<Turn> {
    if (signal.aborted) return { turn: 'stopped' };
    if (!this.isLimited) return { turn: 'free' };
    await this.#ready(signal);
    const end = await this.#turns.take(room, urgency, signal);
    if (end === null) return { turn: 'stopped' };
    if (await this.#ready(signal)) return { turn: 'taken', end };
    end();
    return { turn: 'stopped' };
  }

  answerTurn(rank: 'usual' | 'last', signal: AbortSignal): Promise<Turn> {
    return rank === 'last' ? this.#lastTurn(signal) : this.turn(ANSWERS, ANSWER_URGENCY, signal);
  }

  /** Does not keep the turn during a pause: at its end the rooms come first. */
  async #lastTurn(signal: AbortSignal): Promise<Turn> {
    while (!signal.aborted) {
      if (!this.isLimited) return { turn: 'free' };
      await this.#ready(signal);
      const end = await this.#turns.take(ANSWERS, LAST, signal);
      if (end === null) break;
      if (this.waitMs <= 0) return { turn: 'taken', end };
      end();
    }
    return { turn: 'stopped' };
  }
}
