import { sleep } from '../../time/clock.ts';
import type { Connection } from '../adapter.ts';
import type { DiscordClient } from './client.ts';
import type { GatewayAddress } from './gateway-address.ts';
import type { GatewayMemory } from './gateway-memory.ts';
import { ReconnectingShard, type ReconnectingShardOptions, waitAfter } from './reconnecting-shard.ts';
import { betweenSessionsMs, SessionStarts } from './session-starts.ts';

export interface GatewayOptions extends Omit<ReconnectingShardOptions, 'shard' | 'starts' | 'url' | 'memory'> {
  readonly client: DiscordClient;
  readonly api: string;
  readonly memory: GatewayMemory;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** The sockets over which Discord tells what people do, as many as it asks for (https://discord.com/developers/docs/events/gateway). */
export interface Gateway {
  /** Connects, and again whenever a connection ends. After the first time it ends a wait for Discord's address: the bot logged in. */
  start(): void;
  /** The shards; empty if there is one, or none yet. */
  connections(): readonly Connection[];
  /** Resolves when `signal` was aborted and no socket is left. */
  stop(): Promise<void>;
}

export function createGateway(options: GatewayOptions): Gateway {
  return new ShardedGateway(options);
}

class ShardedGateway implements Gateway {
  readonly #options: GatewayOptions;
  readonly #starts: SessionStarts;
  #shards: readonly ReconnectingShard[] = [];
  #running: Promise<void> | null = null;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#starts = new SessionStarts(options);
  }

  start(): void {
    this.#starts.wake();
    this.#running ??= this.#run().catch((err: unknown) =>
      this.#options.log.error({ platform: 'discord', err }, 'the gateway failed on our side'),
    );
  }

  connections(): readonly Connection[] {
    if (this.#shards.length < 2) return [];
    return this.#shards.map(({ shard: { id }, isReady }) => ({ name: `shard ${id}`, isUp: isReady }));
  }

  async stop(): Promise<void> {
    await this.#running;
    await this.#options.memory.settled();
  }

  /** Opens the shards that Discord asks for, until it refuses their number: then it is asked anew. */
  async #run(): Promise<void> {
    const { clock, signal } = this.#options;
    /** Number of failures since the number of shards last changed. */
    let failures = 0;
    while (!signal.aborted) {
      const asked = await this.#starts.ask();
      if ('retryInMs' in asked) {
        await this.#starts.rest(waitAfter(++failures, Math.max(asked.retryInMs, betweenSessionsMs)), signal);
        continue;
      }
      failures = asked.shards === this.#shards.length ? failures + 1 : 0;
      await this.#open(asked);
      if (!signal.aborted) await sleep(clock, waitAfter(failures + 1, betweenSessionsMs), signal);
    }
  }

  /** Keeps so many shards open. Resolves when all are closed: `signal` was aborted, or Discord wants another number. */
  async #open({ url, shards: count }: GatewayAddress): Promise<void> {
    const { log, signal, memory } = this.#options;
    if (count > 1) log.info({ platform: 'discord', shards: count }, `Discord’s gateway asks for ${count} shards`);
    this.#shards = Array.from(
      { length: count },
      (_, id) =>
        new ReconnectingShard({
          ...this.#options,
          ...{ starts: this.#starts, shard: { id, count }, url },
          // The first one begins anew in each process: with its session Discord says of which application the commands are.
          memory: id === 0 ? null : memory,
        }),
    );
    const refused = new AbortController();
    const either = AbortSignal.any([signal, refused.signal]);
    await Promise.all(
      this.#shards.map(async (shard) => {
        // Sessions of two numbers at once would hear some events twice.
        if ((await shard.run(either)) === 'countRefused') refused.abort();
      }),
    );
  }
}
