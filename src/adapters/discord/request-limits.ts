import type { Log } from '../../log.ts';
import type { Clock } from '../../time/clock.ts';
import { createBuckets } from './buckets.ts';
import type { Held } from './exchange.ts';
import { createInvalidRequests } from './invalid-requests.ts';
import type { Answer } from './refusal.ts';

export interface RequestLimitsOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly requestsPerSecond: number;
  readonly invalidRequestLimit: number;
  /** Called at each answer that brings a ban of our address nearer. */
  readonly onInvalidRequest?: () => void;
}

/** The part of a request that its limits depend on. */
export interface LimitedCall {
  readonly method: string;
  readonly route: string;
}

/** All limits of Discord's API, kept by our clock, so that no request is made which it would refuse. */
export interface RequestLimits {
  /** Returns null if a request may go now, and counts it. Called as late as possible, with the request at the head of its queue. */
  hold(call: LimitedCall): Held | null;
  /** Notes an answer. */
  note(call: LimitedCall, answer: Answer): void;
}

export function createRequestLimits(options: RequestLimitsOptions): RequestLimits {
  const { clock, log } = options;
  const buckets = createBuckets(clock, options.requestsPerSecond);
  const invalid = createInvalidRequests({
    clock,
    limit: options.invalidRequestLimit,
    onCounted: () => options.onInvalidRequest?.(),
    onFull: (count, waitMs) =>
      log.error(
        { platform: 'discord', invalid: count },
        `Discord refused ${count} requests within 10 min and would ban this address at 10,000: no more requests for ${Math.ceil(waitMs / 1_000)} s`,
      ),
  });

  return {
    hold(call) {
      const bannedForMs = invalid.hold();
      if (bannedForMs !== null)
        return {
          kind: 'held',
          scope: 'account',
          waitMs: bannedForMs,
          text: 'too many of our requests were refused: Discord would ban this address',
        };
      // The limit over all buckets (https://discord.com/developers/docs/topics/rate-limits#global-rate-limit) is not for interactions.
      const full = buckets.take(bucketOf(call), !hasOwnToken(call));
      return full === null ? null : { kind: 'held', ...full, text: 'Discord’s rate limit is used up' };
    },
    note(call, { status, headers }) {
      invalid.note(status, headers.get('x-ratelimit-scope'));
      if (status < 300) buckets.note(bucketOf(call), headers);
    },
  };
}

/** Returns true if a request has a token of its own, as those of interactions have: one that is too old says nothing of ours. */
export function hasOwnToken({ route }: LimitedCall): boolean {
  return /^\/(?:interactions|webhooks)\//.test(route);
}

/**
 * All messages of a channel share one bucket (https://discord.com/developers/docs/topics/rate-limits), and all their reactions: only
 * the channel's own id counts.
 */
function bucketOf({ method, route }: LimitedCall): string {
  return `${method} ${route.replace(/(\/messages)\/\d+/, '$1/:id').replace(/(\/reactions)\/.*$/, '$1/:emoji')}`;
}
