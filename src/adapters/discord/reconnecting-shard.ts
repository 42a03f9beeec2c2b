import type { SessionInfo } from '@discordjs/ws';
import { foreignQuote } from '../../http/foreign-text.ts';
import type { Network } from '../../http/network.ts';
import type { Log } from '../../log.ts';
import type { Secret } from '../../secrets/secret.ts';
import type { JsonObject } from '../../text/json.ts';
import { backoffMs } from '../../time/backoff.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import type { ShardId } from '../shards.ts';
import { socketAddress } from './gateway-address.ts';
import type { GatewayMemory } from './gateway-memory.ts';
import { betweenSessionsMs } from './session-pace.ts';
import type { SessionStart, SessionStarts } from './session-starts.ts';
import { openShard, type ShardEnd } from './shard.ts';
import { shardName } from './shard-of.ts';
import { createStrategy } from './shard-strategy.ts';

export interface ReconnectingShardOptions {
  readonly shard: ShardId;
  readonly starts: SessionStarts;
  /** The address of the gateway. */
  readonly url: string;
  /** The session of an earlier process with which it goes on; null: it begins a new one. */
  readonly kept: SessionInfo | null;
  /** Where its session is kept, with which the next process goes on; null: nowhere. */
  readonly memory: GatewayMemory | null;
  readonly token: Secret;
  readonly network: Network;
  readonly clock: Clock;
  readonly log: Log;
  /** A new session began on a shard: what Discord says of us in it. */
  readonly onReady: (ready: JsonObject, shard: ShardId) => void;
  /** The session of a shard of an earlier process goes on: Discord says nothing of us. */
  readonly onTakenOver: (shard: ShardId) => void;
  /** Something happened: its name, `INTERACTION_CREATE`, and what it is about. */
  readonly onDispatch: (name: string, data: JsonObject) => void;
}

/** Delays between two connections, ms: longer from one failure to the next, since a bot may identify 1,000 times a day. */
const firstWaitMs = 1_000;
const longestWaitMs = 300_000;
/** A connection that lasted so long does not count as a failure, ms. */
const goodAfterMs = 60_000;

/** The end of one attempt to connect. `lastedMs`: for how long the connection was ready; null: it never was. */
type Attempt =
  | { readonly outcome: 'noAddress'; readonly retryInMs: number }
  | { readonly outcome: 'closed'; readonly lastedMs: number | null }
  | { readonly outcome: 'countRefused' };

/** Returns the delay before the next attempt, ms. `attempts`: number since the last good connection, that one included. */
export function waitAfter(attempts: number, askedMs: number): number {
  return backoffMs(attempts, { firstMs: firstWaitMs, longestMs: longestWaitMs, askedMs });
}

/** One connection to the gateway, with a session of its own, that is opened again whenever it ends. */
export class ReconnectingShard {
  readonly #options: ReconnectingShardOptions;
  readonly #name: string | null;
  /** The session that the next connection goes on with; null: it begins a new one. */
  #session: SessionInfo | null;
  #address: string;
  #wasReady = false;
  #isReady = false;

  constructor(options: ReconnectingShardOptions) {
    this.#options = options;
    this.#session = options.kept;
    this.#address = options.url;
    this.#name = shardName(options.shard);
  }

  get shard(): ShardId {
    return this.#options.shard;
  }

  /** True while events come. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Connects, and again whenever the connection ends, until `signal` is aborted. `countRefused`: Discord wants another number of shards. */
  async run(signal: AbortSignal): Promise<'stopped' | 'countRefused'> {
    const { clock, starts } = this.#options;
    /** Number of attempts since the last good connection, that one included. */
    let attempts = 0;
    while (!signal.aborted) {
      const attempt = await this.#attempt(signal);
      if (attempt.outcome === 'countRefused') return signal.aborted ? 'stopped' : 'countRefused';
      attempts = isGood(attempt) ? 1 : attempts + 1;
      const askedMs = attempt.outcome === 'noAddress' ? attempt.retryInMs : 0;
      const waitMs = waitAfter(attempts, Math.max(askedMs, this.#session === null ? betweenSessionsMs : 0));
      if (attempt.outcome === 'noAddress') await starts.rest(waitMs, signal);
      else await sleep(clock, waitMs, signal);
    }
    return 'stopped';
  }

  async #attempt(signal: AbortSignal): Promise<Attempt> {
    const { shard, starts } = this.#options;
    if (this.#session !== null) return this.#connect(this.#address, null, signal);
    const start = await starts.begin(shard, signal);
    if (start === null) return { outcome: 'closed', lastedMs: null };
    if ('retryInMs' in start) return { outcome: 'noAddress', retryInMs: start.retryInMs };
    this.#address = start.url;
    try {
      return await this.#connect(start.url, start, signal);
    } finally {
      start.end();
    }
  }

  /** One connection from its beginning to its end. `start`: permission to begin a session in it; null: it has one. */
  async #connect(url: string, start: SessionStart | null, signal: AbortSignal): Promise<Attempt> {
    const { shard, token, network, clock, memory, onReady, onTakenOver, onDispatch } = this.#options;
    let readyAt: number | null = null;
    const keep = (session: SessionInfo | null) => this.#keep(session);
    const ready = (session: 'new session' | 'resumed') => {
      readyAt = clock.monotonic();
      start?.end();
      this.#becameReady(session);
    };
    const { strategy, end } = createStrategy({
      ...{ url, token, shard },
      loadSession: () => this.#session,
      // At our own end the library forgets the session, with which the next process goes on.
      saveSession(session) {
        if (session !== null || !signal.aborted) keep(session);
      },
      onIdentify: async (closed) => start?.identifies(closed),
    });
    const opened = this.#session?.resumeURL ?? url;
    const used = token.reveal();
    const isKept = memory !== null;
    const closed = await openShard({ url: opened, network, strategy, shard, isKept }, signal, {
      onReady(data) {
        ready('new session');
        onReady(data, shard);
      },
      onResumed: () => {
        if (!this.#wasReady) onTakenOver(shard);
        ready('resumed');
      },
      onDispatch,
    });
    end();
    this.#isReady = false;
    if (!signal.aborted) this.#tellEnd(closed, used, readyAt !== null);
    if (readyAt === null && !signal.aborted) this.#keep(null);
    if (closed.isCountRefused) return { outcome: 'countRefused' };
    return { outcome: 'closed', lastedMs: readyAt === null ? null : clock.monotonic() - readyAt };
  }

  #becameReady(session: 'new session' | 'resumed'): void {
    const { log, shard } = this.#options;
    const on = this.#name === null ? '' : ` on ${this.#name}`;
    log[this.#wasReady ? 'debug' : 'info'](
      { platform: 'discord', ...(on !== '' && { shard: shard.id }) },
      `commands are heard${on} (${session})`,
    );
    this.#wasReady = true;
    this.#isReady = true;
  }

  #tellEnd({ reason: why, isTokenRefused }: ShardEnd, used: string, wasReady: boolean): void {
    const { token, log, shard } = this.#options;
    const isRenewed = isTokenRefused && (token.reveal() !== used || token.readAgain());
    const help = isRenewed ? ', there is another one by now' : `: get a new one, ${token.remedy(5)}`;
    const reason = `${foreignQuote(why, token)}${isTokenRefused ? help : ''}`;
    const which = this.#name === null ? '' : ` ${this.#name}`;
    log[wasReady ? 'info' : 'warn'](
      { platform: 'discord', reason, ...(which !== '' && { shard: shard.id }) },
      `Discord’s gateway closed${which}: ${reason}`,
    );
  }

  /** A session that can be resumed nowhere is forgotten. */
  #keep(session: SessionInfo | null): void {
    const { memory, shard } = this.#options;
    this.#session = session !== null && socketAddress(session.resumeURL) === null ? null : session;
    memory?.keepSession(shard, this.#session);
  }
}

function isGood(attempt: Attempt): boolean {
  return attempt.outcome === 'closed' && attempt.lastedMs !== null && attempt.lastedMs >= goodAfterMs;
}
