import type { SessionInfo } from '@discordjs/ws';
import { sleep } from '../../time/clock.ts';
import type { Connection } from '../adapter.ts';
import type { OtherShards, ShardId } from '../shards.ts';
import type { DiscordClient } from './client.ts';
import type { GatewayAddress } from './gateway-address.ts';
import type { GatewayMemory } from './gateway-memory.ts';
import { ReconnectingShard, type ReconnectingShardOptions, waitAfter } from './reconnecting-shard.ts';
import { betweenSessionsMs } from './session-pace.ts';
import { SessionStarts } from './session-starts.ts';
import { writeHint } from './shard-hint.ts';

/** Time for which refusals to other units do not count if Discord names the same number of shards again, ms. */
const heedAgainMs = 600_000;

export interface GatewayOptions extends Omit<ReconnectingShardOptions, 'shard' | 'starts' | 'url' | 'memory' | 'kept'> {
  readonly client: DiscordClient;
  readonly api: string;
  readonly memory: GatewayMemory;
  /** Those that other units open; null: all are opened here. */
  readonly others: OtherShards | null;
  /** From now on there are so many shards. */
  readonly onCount: (count: number) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** The sockets over which Discord tells what people do, as many as it asks for (https://discord.com/developers/docs/events/gateway). */
export interface Gateway {
  /** Connects, and again whenever a connection ends. After the first time it ends a wait for Discord's address: the bot logged in. */
  start(): void;
  /** The shards; empty if there is one, or none yet. */
  connections(): readonly Connection[];
  /** Discord refused this number of shards to another unit. */
  refuse(count: number): void;
  /** Resolves when `signal` was aborted and no socket is left. */
  stop(): Promise<void>;
}

export function createGateway(options: GatewayOptions): Gateway {
  return new ShardedGateway(options);
}

class ShardedGateway implements Gateway {
  readonly #options: GatewayOptions;
  readonly #starts: SessionStarts;
  /** Those that are opened here. */
  #shards: readonly ReconnectingShard[] = [];
  #count = 0;
  #refused = new AbortController();
  /** When a refusal to another unit counts again, by the monotonic clock: Discord named the refused number anew. */
  #heedsFrom = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | null = null;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#starts = new SessionStarts({ ...options, hasOthers: options.others !== null, concurrency: 1 });
  }

  start(): void {
    this.#starts.wake();
    this.#running ??= this.#run();
  }

  connections(): readonly Connection[] {
    if (this.#count < 2) return [];
    const here = this.#shards.map(({ shard: { id }, isReady }) => ({ name: `shard ${id}`, isUp: isReady }));
    return [...here, ...(this.#options.others?.connections() ?? [])];
  }

  refuse(count: number): void {
    if (count === this.#count && this.#options.clock.monotonic() >= this.#heedsFrom) this.#refused.abort();
  }

  async stop(): Promise<void> {
    await this.#running;
    await this.#options.memory.settled();
  }

  /** Opens the shards that Discord asks for, until it refuses their number: then it is asked anew. */
  async #run(): Promise<void> {
    const { clock, log, signal } = this.#options;
    /** Number of failures since the number of shards last changed. */
    let failures = 0;
    while (!signal.aborted) {
      try {
        const asked = await this.#starts.ask();
        if ('retryInMs' in asked) {
          await this.#starts.rest(waitAfter(++failures, Math.max(asked.retryInMs, betweenSessionsMs)), signal);
          continue;
        }
        failures = asked.shards === this.#count ? failures + 1 : 0;
        await this.#open(asked);
      } catch (err) {
        log.error({ platform: 'discord', err }, 'the gateway failed on our side; it is opened again');
        failures++;
      }
      if (!signal.aborted) await sleep(clock, waitAfter(failures + 1, betweenSessionsMs), signal);
    }
  }

  /** Keeps so many shards open. When it ends all are closed: `signal` was aborted, Discord wants another number, or one failed. */
  async #open({ url, shards: count, concurrency }: GatewayAddress): Promise<void> {
    const { log, clock, signal, memory, others } = this.#options;
    if (count > 1) log.info({ platform: 'discord', shards: count }, `Discord’s gateway asks for ${count} shards`);
    this.#heedsFrom = count === this.#count ? clock.monotonic() + heedAgainMs : Number.NEGATIVE_INFINITY;
    this.#count = count;
    this.#refused = new AbortController();
    others?.want(count, writeHint({ url, concurrency }));
    this.#options.onCount(count);
    const ids = Array.from({ length: others === null ? count : 1 }, (_, id) => id);
    this.#shards = await Promise.all(
      ids.map(
        async (id) =>
          new ReconnectingShard({
            ...this.#options,
            ...{ starts: this.#starts, shard: { id, count }, url },
            // The first one begins anew in each process: with its session Discord says of which application the commands are.
            ...(id === 0 ? { memory: null, kept: null } : { memory, kept: await this.#keptSession({ id, count }) }),
          }),
      ),
    );
    const either = AbortSignal.any([signal, this.#refused.signal]);
    // When one is over all are closed: sessions of two numbers at once would hear some events twice.
    const runs = this.#shards.map((shard) => shard.run(either).finally(() => this.#refused.abort()));
    await Promise.allSettled(runs);
    await Promise.all(runs);
  }

  async #keptSession(shard: ShardId): Promise<SessionInfo | null> {
    const { memory, log } = this.#options;
    return memory.session(shard).catch((err: unknown) => {
      log.debug({ platform: 'discord', err }, 'the session of a shard could not be read');
      return null;
    });
  }
}
