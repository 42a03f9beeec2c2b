import { type Clock, sleep } from '../../time/clock.ts';
import { findGateway, type GatewayAddress, type GatewayAddressOptions, type GatewayAnswer } from './gateway-address.ts';
import type { GatewayMemory } from './gateway-memory.ts';
import { betweenProcessesMs, betweenSessionsMs } from './session-pace.ts';

/** Time for which an answer of Discord serves the shards that have not used it, ms. Sessions that other programs begin make it wrong. */
const answerLastsMs = 60_000;
/** Time for which a turn that was taken is ours, ms. */
const turnLastsMs = 3_000;
/** Longest wait for Discord's answer with a connection that is open, ms. */
const longestBusyMs = 10_000;
/** Delay before Discord is asked again while sessions that have begun may not be in its number yet, ms. */
const underWayMs = 5_000;

export interface SessionStartsOptions extends GatewayAddressOptions {
  readonly clock: Clock;
  readonly memory: GatewayMemory;
  /** True if other processes open shards of the bot, too. */
  readonly hasOthers: boolean;
}

/** Permission to begin one session. */
export interface SessionStart {
  /** The address of the gateway. */
  readonly url: string;
  /**
   * Resolves when the shard, which is about to identify, may do so. Rejects if `closed` was aborted, because its connection has ended,
   * or if other processes have begun the sessions that were left.
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
  /** The number of groups as Discord gave it last, also while it does not answer; null: it has not answered yet. */
  #concurrency: number | null = null;
  /** True if Discord asked for several shards when it answered last. */
  #isSharded = false;
  #asking: Promise<GatewayAnswer> | null = null;
  /** By the monotonic clock. */
  #askAgainAt = Number.NEGATIVE_INFINITY;
  #underWay = 0;
  #early = new AbortController();

  constructor(options: SessionStartsOptions) {
    this.#options = options;
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
  async begin(shard: number, signal: AbortSignal): Promise<SessionStart | { readonly retryInMs: number } | null> {
    if (this.#concurrency === null) {
      const asked = await this.ask();
      if ('retryInMs' in asked) return asked;
    }
    const group = shard % (this.#concurrency ?? 1);
    const endTurn = await this.#turn(group, signal);
    if (endTurn === null) return null;
    if (!this.#serves(shard)) {
      const asked = await this.ask();
      const refused = 'retryInMs' in asked ? asked : this.#serves(shard) ? null : { retryInMs: underWayMs };
      if (refused !== null || signal.aborted) {
        endTurn();
        return refused;
      }
    }
    return this.#permit(shard, group, endTurn);
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
      this.#isSharded = found.shards > 1;
      // Those that are under way may not be in Discord's number yet.
      this.#answer = { ...found, at: clock.monotonic(), left: found.sessions - this.#underWay, used: new Set() };
    }
    return found;
  }

  #serves(shard: number): boolean {
    const answer = this.#answer;
    if (answer === null || answer.left <= 0 || answer.used.has(shard)) return false;
    return this.#options.clock.monotonic() - answer.at < answerLastsMs;
  }

  #permit(shard: number, group: number, endTurn: () => void): SessionStart {
    const answer = this.#answer;
    if (answer === null) throw new Error('a session was permitted without an answer of Discord');
    answer.left--;
    answer.used.add(shard);
    this.#underWay++;
    let isUnderWay = true;
    return {
      url: answer.url,
      identifies: async (closed) => {
        if (this.#isSharded) await this.#awaitOthers(group, closed);
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

  /** Waits until no shard of a group identified a moment ago, in any process. */
  async #awaitOthers(group: number, closed: AbortSignal): Promise<void> {
    const { clock, memory, hasOthers } = this.#options;
    for (;;) {
      closed.throwIfAborted();
      const takenAt = clock.monotonic();
      const everyMs = hasOthers ? betweenProcessesMs : betweenSessionsMs;
      // Alone the process keeps its own pace.
      const waitMs = (await memory.takeTurn(group, everyMs)) ?? (hasOthers ? everyMs : 0);
      if (waitMs > 0) {
        await sleep(clock, waitMs, closed);
        continue;
      }
      if (!hasOthers) return;
      const busyMs = await this.#mustAllow();
      if (busyMs > 0) await sleep(clock, busyMs, closed);
      // Our turn begins when we identify, unless it is over by then.
      else if (clock.monotonic() - takenAt < turnLastsMs) return memory.renewTurn(group);
    }
  }

  /**
   * Asks again before a session that others may have made impossible: then it throws. No answer has the sessions that are being begun in
   * other groups. Returns the time until Discord, which lets the question wait, can be asked again, ms; 0: the session may begin.
   */
  async #mustAllow(): Promise<number> {
    const asked = await this.ask();
    if ('retryInMs' in asked ? asked.retryInMs > longestBusyMs : asked.sessions < asked.concurrency)
      throw new Error('other processes may have begun the last sessions');
    return 'retryInMs' in asked ? asked.retryInMs : 0;
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
