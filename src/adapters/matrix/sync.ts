import type { Log } from '../../log.ts';
import type { JsonObject } from '../../text/json.ts';
import { backoffMs } from '../../time/backoff.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import type { Call, HomeserverClient } from './client.ts';
import type { Failure } from './exchange.ts';
import { type RoomNews, readSync, syncFilter } from './sync-response.ts';
import { troubleOf } from './trouble.ts';

export interface SyncOptions {
  readonly client: HomeserverClient;
  readonly homeserver: string;
  readonly user: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly requestTimeoutMs: number;
  /** The stored position. `save` is called after what came with it was dealt with. */
  readonly position: { load(): Promise<string | null>; save(token: string): Promise<void> };
  /** `first`: everything is told, not only what changed. Must not throw. */
  readonly onNews: (news: RoomNews, first: boolean) => void;
  /** Handles the messages of others, if commands are read; the position is saved afterwards. Must not throw. */
  readonly onMessages?: (messages: readonly { readonly room: string; readonly event: JsonObject }[]) => Promise<void>;
  /** Says if the sync follows the homeserver (false until the first answer, and while it fails). */
  readonly onWatching: (watching: boolean) => void;
  /** True while something that came with the last positions is not finished: they are not saved until it is. */
  readonly isBusy: () => boolean;
  readonly signal: AbortSignal;
}

export interface Sync {
  /** To be told when the homeserver accepted a message of ours: the position has to move after that. */
  accepted(): void;
  /** Ends a wait early: the account works again. */
  wake(): void;
  /** Resolves after the signal was aborted. */
  readonly ended: Promise<void>;
}

/** For how long the homeserver holds a request without news, in milliseconds. */
const longPollMs = 30_000;
const shortestBackoffMs = 1_000;
const longestBackoffMs = 60_000;
/** Delay before the next try after a refused account, in milliseconds; a login that works ends the wait. */
const refusedAccountMs = 5 * 60_000;
/** Number of answers in a row without a new position after which the position is dropped. */
const stuckLimit = 5;
/**
 * A homeserver that is stuck again and again is logged so often, in milliseconds. Some may answer a quiet request with
 * the position that they were given; then starting afresh now and then is a slow, but sound way to hear the news.
 */
const stuckSilenceMs = 60 * 60 * 1_000;

type Turn =
  | { readonly outcome: 'moved'; readonly to: string }
  | { readonly outcome: 'quiet' }
  | { readonly outcome: 'failed'; readonly waitMs: number | null; readonly reason: string }
  | { readonly outcome: 'stuck'; readonly reason: string }
  | { readonly outcome: 'refusedPosition'; readonly reason: string }
  | { readonly outcome: 'refusedAccount'; readonly reason: string };

/** Follows the homeserver until `signal` is aborted. */
export function followSync(options: SyncOptions): Sync {
  const { clock, log, signal } = options;
  let since: string | null = null;
  let saved: string | null = null;
  let loaded = false;
  /** When the first message since the position last moved was accepted, by the monotonic clock. */
  let acceptedAt: number | null = null;
  let answered = false;
  let failures = 0;
  let stuck = 0;
  let wake = () => {};
  /** The trouble was logged, so its end is too. */
  let told = false;
  let toldStuckAt = Number.NEGATIVE_INFINITY;

  const warn = (text: string) => log.warn({ platform: 'matrix' }, text);

  async function turn(): Promise<Turn> {
    if (!loaded) {
      since = saved = await options.position.load();
      loaded = true;
    }
    // The first request, and the first after a failure, is not held: an answer at once shows that all is well.
    const holdMs = answered && failures === 0 ? longPollMs : 0;
    const startedAt = clock.monotonic();
    const exchange = await options.client.request(syncCall(options, since, holdMs), signal);
    if (exchange.kind !== 'ok') return afterFailure(exchange, since, options.homeserver);
    const { nextBatch, news, timeline } = readSync(exchange.body, options.user);
    for (const each of news) options.onNews(each, since === null);
    // Before the first position all that was ever written is news.
    if (since !== null && timeline.length > 0) await options.onMessages?.(timeline);
    if (nextBatch === null) return { outcome: 'stuck', reason: 'an answer without next_batch' };
    if (nextBatch !== since) return { outcome: 'moved', to: nextBatch };
    const tookMs = clock.monotonic() - startedAt;
    if (tookMs < holdMs / 2) return { outcome: 'stuck', reason: 'answered at once without moving on' };
    const missed = holdMs > 0 && acceptedAt !== null && acceptedAt < startedAt;
    return missed
      ? { outcome: 'stuck', reason: 'a message was accepted, but the position did not move' }
      : { outcome: 'quiet' };
  }

  /** Notes what a turn gave; returns the wait before the next, in milliseconds. */
  async function after(result: Turn): Promise<number> {
    options.onWatching(result.outcome === 'moved' || result.outcome === 'quiet');
    switch (result.outcome) {
      case 'moved':
      case 'quiet':
        if (told) log.info({ platform: 'matrix' }, 'the sync with the homeserver works again');
        told = false;
        failures = stuck = 0;
        answered = true;
        if (result.outcome === 'moved') {
          since = result.to;
          acceptedAt = null;
        }
        if (since !== null && since !== saved && !options.isBusy()) {
          await options.position.save(since);
          saved = since;
        }
        return 0;
      case 'failed':
        failures++;
        if (!told) warn(`the sync with the homeserver failed (${result.reason}): it is tried again, sends go on`);
        told = true;
        return result.waitMs ?? backoff(failures);
      case 'stuck':
        stuck++;
        if (stuck < stuckLimit) return backoff(stuck);
        if (clock.monotonic() - toldStuckAt >= stuckSilenceMs) {
          warn(`the sync with the homeserver is stuck (${result.reason}): it starts afresh`);
          told = true;
          toldStuckAt = clock.monotonic();
        }
        stuck = 1;
        since = null;
        return longestBackoffMs;
      case 'refusedPosition':
        warn(`the homeserver refuses the sync position (${result.reason}): the sync starts afresh`);
        since = null;
        return shortestBackoffMs;
      case 'refusedAccount':
        failures++;
        if (!told) log.error({ platform: 'matrix' }, `the homeserver refuses us the sync: ${result.reason}`);
        told = true;
        return refusedAccountMs;
      default:
        return result satisfies never;
    }
  }

  /** Like `sleep`, but `wake` ends it too. */
  async function rest(waitMs: number): Promise<void> {
    const early = new AbortController();
    const end = () => early.abort();
    wake = end;
    signal.addEventListener('abort', end);
    if (!signal.aborted) await sleep(clock, waitMs, early.signal);
    signal.removeEventListener('abort', end);
    wake = () => {};
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      let waitMs: number;
      try {
        const result = await turn();
        if (signal.aborted) break;
        waitMs = await after(result);
      } catch (error) {
        options.onWatching(false);
        failures++;
        log.error({ platform: 'matrix', err: error }, 'the sync failed on our side, it is tried again');
        waitMs = backoff(failures);
      }
      if (waitMs > 0) await rest(waitMs);
    }
    options.onWatching(false);
  }

  return {
    accepted() {
      acceptedAt ??= clock.monotonic();
    },
    wake: () => wake(),
    ended: run(),
  };
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

function afterFailure(failure: Failure, since: string | null, homeserver: string): Turn {
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

function backoff(times: number): number {
  return backoffMs(times, { firstMs: shortestBackoffMs, longestMs: longestBackoffMs });
}
