import { type Clock, sleep } from '../../time/clock.ts';
import type { ShardId } from '../shards.ts';
import { findGateway, type GatewayAddress, type GatewayAddressOptions, type GatewayAnswer } from './gateway-address.ts';
import type { GatewayMemory } from './gateway-memory.ts';
import { betweenProcessesMs, betweenSessionsMs } from './session-pace.ts';

/** Time for which an answer of Discord serves the shards that have not used it, ms. Sessions that other programs begin make it wrong. */
const answerLastsMs = 60_000;
/** Time for which a turn that was taken is ours, ms. */
const turnLastsMs = 5_000;
/** Longest time for which a turn may take to begin anew, ms: others count from the middle of it. */
const longestRenewalMs = 1_000;
/** Longest wait for Discord's answer with a turn, ms. */
const longestBusyMs = 10_000;
/** Delay before Discord is asked again while sessions that have begun may not be in its number yet, ms. */
const underWayMs = 5_000;

export interface SessionStartsOptions extends GatewayAddressOptions {
  readonly clock: Clock;
  readonly memory: GatewayMemory;
  /** True if other processes open shards of the bot, too. */
  readonly hasOthers: boolean;
  /** Number of shards that may identify at a time, until Discord says it. */
  readonly concurrency: number;
}

/** Permission to begin one session. */
export interface SessionStart {
  /** The address of the gateway. */
  readonly url: string;
  /**
   * Resolves when the shard, which is about to identify, may do so. Rejects if `closed` was aborted, because its connection has ended.
   */
  identifies(closed: AbortSignal): Promise<void>;
  /** The session has begun, or will not. */
  end(): void;
}

interface Answer extends GatewayAddress {
  readonly at: number;
  /** Number of sessions that may still begin by it. */
  left: number;
  /** The shards that began a session by it. */
  readonly used: Set<number>;
}

/**
 * Lets the shards of a bot begin sessions no faster than Discord takes them, and no more than it allows in a day: for too many it resets
 * the token. Each shard asks Discord anew before each of its sessions, except that one answer serves many shards at the start.
 */
export class SessionStarts {
  readonly #options: SessionStartsOptions;
  /** The end of the last turn of each group of shards that identify one after the other. */
  readonly #turns = new Map<number, Promise<void>>();
  /** When the next shard of a group may identify, by the monotonic clock. */
  readonly #freeAt = new Map<number, number>();
  #answer: Answer | null = null;
  /** The number of groups as Discord gave it last, also while it does not answer. */
  #concurrency: number;
  #asking: Promise<GatewayAnswer> | null = null;
  /** By the monotonic clock. */
  #askAgainAt = Number.NEGATIVE_INFINITY;
  #underWay = 0;
  #early = new AbortController();

  constructor(options: SessionStartsOptions) {
    this.#options = options;
    this.#concurrency = options.concurrency;
  }

  /** Asks Discord for its gateway. Callers at the same time share a request; none is made before the end of a wait. */
  async ask(): Promise<GatewayAnswer> {
    const waitMs = this.#askAgainAt - this.#options.clock.monotonic();
    if (waitMs > 0) return { retryInMs: waitMs };
    this.#asking ??= this.#askNow().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  /** Waits for the turn of a shard. Null: `signal` was aborted. */
  async begin(shard: ShardId, signal: AbortSignal): Promise<SessionStart | { readonly retryInMs: number } | null> {
    const group = shard.id % this.#concurrency;
    const endTurn = await this.#turn(group, signal);
    if (endTurn === null) return null;
    return this.#beginInTurn(shard, group, endTurn, signal).catch((err: unknown) => {
      endTurn();
      throw err;
    });
  }

  async #beginInTurn(shard: ShardId, group: number, endTurn: () => void, signal: AbortSignal) {
    const isShared = this.#options.hasOthers && shard.count > 1;
    const since = isShared ? await this.#takeTurn(group, betweenProcessesMs, signal) : null;
    const asked = isShared ? await this.#askForOne(signal) : this.#serves(shard.id) ? null : await this.ask();
    // Another shard may have used the answer up meanwhile.
    const refused =
      asked !== null && 'retryInMs' in asked ? asked : this.#serves(shard.id) ? null : { retryInMs: underWayMs };
    if (refused !== null || signal.aborted) {
      endTurn();
      return refused;
    }
    const identifies = (closed: AbortSignal) => {
      if (since !== null) return this.#renewTurn(group, since, closed);
      return shard.count > 1 ? this.#takeTurn(group, betweenSessionsMs, closed) : null;
    };
    return this.#permit(shard.id, group, identifies, endTurn);
  }

  /** Sleeps until Discord is to be asked again, or `wake` is called. */
  async rest(waitMs: number, signal: AbortSignal): Promise<void> {
    await sleep(this.#options.clock, waitMs, AbortSignal.any([signal, this.#early.signal]));
  }

  /** The account logged in: Discord may answer now. */
  wake(): void {
    this.#askAgainAt = Number.NEGATIVE_INFINITY;
    this.#early.abort();
    this.#early = new AbortController();
  }

  async #askNow(): Promise<GatewayAnswer> {
    const { clock } = this.#options;
    const found = await findGateway(this.#options);
    if ('retryInMs' in found) {
      this.#answer = null;
      this.#askAgainAt = clock.monotonic() + found.retryInMs;
    } else {
      this.#concurrency = found.concurrency;
      // Those that are under way may not be in Discord's number yet.
      this.#answer = { ...found, at: clock.monotonic(), left: found.sessions - this.#underWay, used: new Set() };
    }
    return found;
  }

  /**
   * Asks Discord anew, with a turn of ours: other processes have begun sessions meanwhile. No answer has those that are being begun in other
   * groups.
   */
  async #askForOne(signal: AbortSignal): Promise<GatewayAnswer> {
    for (;;) {
      const asked = await this.ask();
      if (!('retryInMs' in asked)) return asked.sessions >= asked.concurrency ? asked : { retryInMs: answerLastsMs };
      if (asked.retryInMs > longestBusyMs || signal.aborted) return asked;
      await sleep(this.#options.clock, asked.retryInMs, signal);
    }
  }

  #serves(shard: number): boolean {
    const answer = this.#answer;
    if (answer === null || answer.left <= 0 || answer.used.has(shard)) return false;
    return this.#options.clock.monotonic() - answer.at < answerLastsMs;
  }

  #permit(
    shard: number,
    group: number,
    identifies: (closed: AbortSignal) => Promise<unknown> | null,
    endTurn: () => void,
  ): SessionStart {
    const answer = this.#answer;
    if (answer === null) throw new Error('a session was permitted without an answer of Discord');
    answer.left--;
    answer.used.add(shard);
    this.#underWay++;
    let isUnderWay = true;
    return {
      url: answer.url,
      identifies: async (closed) => {
        await identifies(closed);
        closed.throwIfAborted();
        this.#freeAt.set(group, this.#options.clock.monotonic() + betweenSessionsMs);
        endTurn();
      },
      end: () => {
        if (isUnderWay) this.#underWay--;
        isUnderWay = false;
        endTurn();
      },
    };
  }

  /** Waits until no shard of a group identified a moment ago, in any process. Returns since when the turn is ours, by the monotonic clock. */
  async #takeTurn(group: number, everyMs: number, signal: AbortSignal): Promise<number> {
    const { clock, memory, hasOthers } = this.#options;
    for (;;) {
      const since = clock.monotonic();
      // Alone the process keeps its own pace.
      const waitMs = (await memory.takeTurn(group, everyMs)) ?? (hasOthers ? everyMs : 0);
      if (waitMs <= 0 || signal.aborted) return since;
      await sleep(clock, waitMs, signal);
    }
  }

  /** Lets a turn of ours begin at the moment in which a session begins; takes another one if it is over by then. */
  async #renewTurn(group: number, since: number, closed: AbortSignal): Promise<void> {
    const { clock, memory } = this.#options;
    for (let turnSince = since; !closed.aborted; ) {
      const askedAt = clock.monotonic();
      if (askedAt - turnSince < turnLastsMs) {
        const isRenewed = await memory.renewTurn(group);
        if (isRenewed && clock.monotonic() - askedAt < longestRenewalMs) return;
      }
      turnSince = await this.#takeTurn(group, betweenProcessesMs, closed);
    }
  }

  /** Resolves with what ends the turn; null: `signal` was aborted. */
  async #turn(group: number, signal: AbortSignal): Promise<(() => void) | null> {
    const { clock } = this.#options;
    const before = this.#turns.get(group);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turns.set(group, promise);
    await before;
    const waitMs = (this.#freeAt.get(group) ?? 0) - clock.monotonic();
    if (waitMs > 0) await sleep(clock, waitMs, signal);
    if (!signal.aborted) return resolve;
    resolve();
    return null;
  }
}
