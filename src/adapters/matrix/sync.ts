import type { Log } from '../../log.ts';
import type { JsonObject } from '../../text/json.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import type { Call, HomeserverClient } from './client.ts';
import { holdMsOf, isFollowing, nextSyncStep, type SyncProgress, syncStart } from './sync-progress.ts';
import { type RoomNews, readSync, syncFilter } from './sync-response.ts';
import { type SyncTurn, turnOfAnswer, turnOfFailure } from './sync-turn.ts';

export interface SyncOptions {
  readonly client: HomeserverClient;
  readonly homeserver: string;
  readonly user: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly requestTimeoutMs: number;
  /**
   * The stored position. `keep` is called after what came with it was dealt with, and before the next request; null: what
   * came is to be kept, but not the position yet.
   */
  readonly position: { load(): Promise<string | null>; keep(token: string | null): Promise<void> };
  /** Takes each answer, before its parts. `isFirst`: the sync began afresh. */
  readonly onAnswer: (body: JsonObject, isFirst: boolean) => Promise<void>;
  /** `first`: everything is told, not only what changed. Must not throw. */
  readonly onNews: (news: RoomNews, first: boolean) => void;
  /**
   * Handles the messages of others, if commands are read; the position is saved afterwards. `isCatchUp`: they came with
   * the first answer, and may be older than the process. Must not throw.
   */
  readonly onMessages?: (
    messages: readonly { readonly room: string; readonly event: JsonObject }[],
    isCatchUp: boolean,
  ) => Promise<void>;
  /** Says if the sync follows the homeserver (false until the first answer, and while it fails). */
  readonly onWatching: (watching: boolean) => void;
  /** True while something that came with the last positions is not finished: they are not saved until it is. */
  readonly isBusy: () => boolean;
  readonly signal: AbortSignal;
}

export interface Sync {
  /** Notes that the homeserver accepted a message of ours: the position has to move after that. */
  accepted(): void;
  /** Ends a wait early: the account works again. */
  wake(): void;
  /** Resolves after the signal was aborted. */
  readonly ended: Promise<void>;
}

/** Follows the homeserver until `signal` is aborted. */
export function followSync(options: SyncOptions): Sync {
  return new HomeserverSync(options);
}

class HomeserverSync implements Sync {
  readonly ended: Promise<void>;
  readonly #options: SyncOptions;
  #progress: SyncProgress = syncStart;
  /** The position in the store; undefined until it was read. */
  #saved: string | null | undefined;
  /** True while something that came is not kept, so that there must be no other request. */
  #isUnkept = false;
  #endRest = () => {};

  constructor(options: SyncOptions) {
    this.#options = options;
    this.ended = this.#run();
  }

  accepted(): void {
    const { acceptedAt } = this.#progress;
    this.#progress = { ...this.#progress, acceptedAt: acceptedAt ?? this.#options.clock.monotonic() };
  }

  wake(): void {
    this.#endRest();
  }

  async #run(): Promise<void> {
    const { signal, onWatching } = this.#options;
    while (!signal.aborted) {
      let waitMs: number;
      try {
        if (this.#isUnkept) await this.#keep();
        const turn = await this.#takeTurn();
        if (signal.aborted) break;
        waitMs = this.#apply(turn);
        if (isFollowing(turn)) await this.#keep();
      } catch (error) {
        waitMs = this.#apply({ outcome: 'threw', error });
      }
      if (waitMs > 0) await this.#rest(waitMs);
    }
    onWatching(false);
  }

  /** Makes one request and passes on what came with it. */
  async #takeTurn(): Promise<SyncTurn> {
    const { client, clock, homeserver, user, signal } = this.#options;
    await this.#loadPosition();
    const { since } = this.#progress;
    const holdMs = holdMsOf(this.#progress);
    const startedAt = clock.monotonic();
    const exchange = await client.request(syncCall(this.#options, since, holdMs), signal);
    if (exchange.kind !== 'ok') return turnOfFailure(exchange, since, homeserver);
    await this.#options.onAnswer(exchange.body, since === null);
    const { nextBatch, news, timeline } = readSync(exchange.body, user);
    for (const each of news) this.#options.onNews(each, since === null);
    // Before the first position all that was ever written is news.
    if (since !== null && timeline.length > 0) await this.#options.onMessages?.(timeline, !this.#progress.answered);
    const { acceptedAt } = this.#progress;
    return turnOfAnswer({ since, nextBatch, holdMs, startedAt, endedAt: clock.monotonic(), acceptedAt });
  }

  /** Notes the result of a request; returns the wait before the next one, ms. */
  #apply(turn: SyncTurn): number {
    const { clock, log, onWatching } = this.#options;
    onWatching(isFollowing(turn));
    const { progress, waitMs, line } = nextSyncStep(this.#progress, turn, clock.monotonic());
    this.#progress = progress;
    if (line !== null) log[line.level]({ platform: 'matrix', ...('err' in line && { err: line.err }) }, line.text);
    return waitMs;
  }

  async #loadPosition(): Promise<void> {
    if (this.#saved !== undefined) return;
    this.#saved = await this.#options.position.load();
    this.#progress = { ...this.#progress, since: this.#saved };
  }

  async #keep(): Promise<void> {
    const { since } = this.#progress;
    const token = since === this.#saved || this.#options.isBusy() ? null : since;
    this.#isUnkept = true;
    await this.#options.position.keep(token);
    this.#isUnkept = false;
    if (token !== null) this.#saved = token;
  }

  /** Like `sleep`, but `wake` ends it too. */
  async #rest(waitMs: number): Promise<void> {
    const { clock, signal } = this.#options;
    const early = new AbortController();
    const end = () => early.abort();
    this.#endRest = end;
    signal.addEventListener('abort', end);
    if (!signal.aborted) await sleep(clock, waitMs, early.signal);
    signal.removeEventListener('abort', end);
    this.#endRest = () => {};
  }
}

function syncCall({ user, onMessages, requestTimeoutMs }: SyncOptions, since: string | null, holdMs: number): Call {
  return {
    method: 'GET',
    path: '/sync',
    query: {
      filter: syncFilter(user, onMessages !== undefined),
      set_presence: 'offline',
      timeout: String(holdMs),
      ...(since === null ? {} : { since }),
    },
    timeoutMs: holdMs + requestTimeoutMs,
  };
}
