import type { SessionInfo } from '@discordjs/ws';
import { foreignQuote } from '../../http/foreign-text.ts';
import type { Network } from '../../http/network.ts';
import type { Log } from '../../log.ts';
import type { Secret } from '../../secrets/secret.ts';
import type { JsonObject } from '../../text/json.ts';
import { backoffMs } from '../../time/backoff.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import type { DiscordClient } from './client.ts';
import { findGateway, socketAddress } from './gateway-address.ts';
import { openShard } from './shard.ts';
import { createStrategy } from './shard-strategy.ts';

export interface GatewayOptions {
  readonly client: DiscordClient;
  readonly api: string;
  readonly token: Secret;
  readonly network: Network;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** A new session began: what Discord says of us in it. */
  readonly onReady: (ready: JsonObject) => void;
  /** Something happened: its name, `INTERACTION_CREATE`, and what it is about. */
  readonly onDispatch: (name: string, data: JsonObject) => void;
}

/** The socket over which Discord tells what people do (https://discord.com/developers/docs/events/gateway). */
export interface Gateway {
  /** Connects, and again whenever the connection ends. After the first time it ends a wait for Discord's address: the bot logged in. */
  start(): void;
  /** Resolves when `signal` was aborted and no socket is left. */
  stop(): Promise<void>;
}

/** Delays between two connections, ms: longer from one failure to the next, since a bot may identify 1,000 times a day. */
const firstWaitMs = 1_000;
const longestWaitMs = 300_000;
/** Shortest delay before a new session, ms: Discord takes one in five seconds. */
const betweenSessionsMs = 5_500;
/** A connection that lasted so long does not count as a failure, ms. */
const goodAfterMs = 60_000;

/** The end of one attempt to connect. `lastedMs`: for how long the connection was ready; null: it never was. */
type Attempt =
  | { readonly outcome: 'noAddress'; readonly retryInMs: number }
  | { readonly outcome: 'closed'; readonly lastedMs: number | null };

export function createGateway(options: GatewayOptions): Gateway {
  return new ReconnectingGateway(options);
}

class ReconnectingGateway implements Gateway {
  readonly #options: GatewayOptions;
  /** The session that the next connection goes on with; null: it begins a new one. */
  #session: SessionInfo | null = null;
  #address: string | null = null;
  #running: Promise<void> | null = null;
  #wasReady = false;
  #endRest = () => {};

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  start(): void {
    this.#endRest();
    this.#running ??= this.#run().catch((err: unknown) =>
      this.#options.log.error({ platform: 'discord', err }, 'the gateway failed on our side'),
    );
  }

  async stop(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, signal } = this.#options;
    /** Number of attempts since the last good connection, that one included. */
    let attempts = 0;
    while (!signal.aborted) {
      const attempt = await this.#attempt();
      attempts = isGood(attempt) ? 1 : attempts + 1;
      const waitMs = waitAfter(attempt, attempts, this.#session !== null);
      if (attempt.outcome === 'noAddress') await this.#rest(waitMs);
      else await sleep(clock, waitMs, signal);
    }
  }

  /** Like `sleep`, but a login ends it, too: no session was begun before it. */
  async #rest(waitMs: number): Promise<void> {
    const { clock, signal } = this.#options;
    const early = new AbortController();
    this.#endRest = () => early.abort();
    await sleep(clock, waitMs, AbortSignal.any([signal, early.signal]));
    this.#endRest = () => {};
  }

  async #attempt(): Promise<Attempt> {
    const address = this.#session === null ? null : this.#address;
    const found = address === null ? await findGateway(this.#options) : { url: address };
    if ('retryInMs' in found) return { outcome: 'noAddress', retryInMs: found.retryInMs };
    this.#address = found.url;
    const lastedMs = await this.#connect(found.url);
    if (lastedMs === null) this.#session = null;
    return { outcome: 'closed', lastedMs };
  }

  /** One connection from its beginning to its end. Returns for how long it was ready, ms; null if it never was. */
  async #connect(url: string): Promise<number | null> {
    const { clock, log, signal, token, network, onReady, onDispatch } = this.#options;
    let readyAt: number | null = null;
    const ready = (session: 'new session' | 'resumed') => {
      readyAt = clock.monotonic();
      log[this.#wasReady ? 'debug' : 'info']({ platform: 'discord' }, `commands are heard (${session})`);
      this.#wasReady = true;
    };
    const { strategy, end } = createStrategy({
      url,
      token,
      loadSession: () => this.#session,
      saveSession: (session) => this.#keep(session),
    });
    const opened = this.#session?.resumeURL ?? url;
    const used = token.reveal();
    const { reason: why, isTokenRefused } = await openShard({ url: opened, network, strategy }, signal, {
      onReady(data) {
        ready('new session');
        onReady(data);
      },
      onResumed: () => ready('resumed'),
      onDispatch,
    });
    end();
    if (signal.aborted) return null;
    const isRenewed = isTokenRefused && (token.reveal() !== used || token.readAgain());
    const help = isRenewed ? ', there is another one by now' : `: get a new one, ${token.remedy(5)}`;
    const reason = `${foreignQuote(why, token)}${isTokenRefused ? help : ''}`;
    log[readyAt === null ? 'warn' : 'info']({ platform: 'discord', reason }, `Discord’s gateway closed: ${reason}`);
    return readyAt === null ? null : clock.monotonic() - readyAt;
  }

  /** A session that can be resumed nowhere is forgotten. */
  #keep(session: SessionInfo | null): void {
    this.#session = session !== null && socketAddress(session.resumeURL) === null ? null : session;
  }
}

function isGood(attempt: Attempt): boolean {
  return attempt.outcome === 'closed' && attempt.lastedMs !== null && attempt.lastedMs >= goodAfterMs;
}

/** Returns the delay before the next attempt, ms. */
function waitAfter(attempt: Attempt, attempts: number, hasSession: boolean): number {
  const askedMs = Math.max(attempt.outcome === 'noAddress' ? attempt.retryInMs : 0, hasSession ? 0 : betweenSessionsMs);
  return backoffMs(attempts, { firstMs: firstWaitMs, longestMs: longestWaitMs, askedMs });
}
