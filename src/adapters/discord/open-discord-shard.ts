import { setImmediate } from 'node:timers/promises';
import { backoffMs } from '../../time/backoff.ts';
import { sleep } from '../../time/clock.ts';
import type { OpenShard, ShardParts } from '../shards.ts';
import { createDiscordClient, type DiscordClient } from './client.ts';
import { guildIds } from './front.ts';
import { GatewayMemory } from './gateway-memory.ts';
import { type Heard, writeHeard } from './heard.ts';
import { ReconnectingShard } from './reconnecting-shard.ts';
import { SessionStarts } from './session-starts.ts';
import type { DiscordSettings } from './settings.ts';
import { readHint } from './shard-hint.ts';

export interface DiscordShardOptions extends ShardParts {
  /** Called at each answer that counts as an invalid request. */
  readonly onInvalidRequest: () => void;
}

/** Shortest and longest delay after which a shard whose number was refused tries again, ms. By then the account has been told, and wants others. */
const refusedMs = 60_000;
const longestRefusedMs = 3_600_000;

/** Delay before a message that could not be stored is stored again, ms. */
const passAgainMs = 500;

/** Opens a shard of a bot, and passes on what it hears. */
export function openDiscordShard(settings: DiscordSettings, options: DiscordShardOptions): OpenShard {
  return new ShardOfUnit(settings, options);
}

class ShardOfUnit implements OpenShard {
  readonly #settings: DiscordSettings;
  readonly #options: DiscordShardOptions;
  readonly #ended = new AbortController();
  readonly #client: DiscordClient;
  readonly #memory: GatewayMemory;
  readonly #running: Promise<void>;
  #shard: ReconnectingShard | null = null;
  /** Resolves when all that was heard is passed on, or the shard has ended. */
  #passing: Promise<void> = Promise.resolve();
  /** True if something could not be passed on before the end. */
  #hasLost = false;

  constructor(settings: DiscordSettings, options: DiscordShardOptions) {
    const { user, position, turns, log } = options;
    this.#settings = settings;
    this.#options = options;
    this.#client = createDiscordClient({
      ...{ ...settings, ...options },
      ...{ requestTimeoutMs: 30_000, requestsPerSecond: 50, invalidRequestLimit: 5_000 },
    });
    this.#memory = new GatewayMemory({ position, turns, user: () => user, mayKeep: () => this.#mayKeep(), log });
    this.#running = this.#runAgainAndAgain();
  }

  get isUp(): boolean {
    return this.#shard?.isReady ?? false;
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await Promise.all([this.#client.close(), this.#running]);
    await this.#passing;
    await this.#memory.settled();
  }

  async #runAgainAndAgain(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#ended;
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        await this.#run();
      } catch (err) {
        const waitMs = backoffMs(failures);
        log.error(
          { platform: 'discord', err },
          `a shard failed on our side; it is opened again in ${waitMs / 1_000} s`,
        );
        await sleep(clock, waitMs, signal);
      }
    }
  }

  /** Resolves when the shard has ended. */
  async #run(): Promise<void> {
    const { clock, shard, log, hint } = this.#options;
    const { signal } = this.#ended;
    const given = readHint(hint);
    if (given === null) throw new Error('the address of the gateway is not known');
    const { url, concurrency } = given;
    const parts = { client: trusting(this.#client), api: this.#settings.api, memory: this.#memory, clock, log, signal };
    const starts = new SessionStarts({ ...parts, hasOthers: true, concurrency });
    const opened = new ReconnectingShard({
      ...{ ...this.#options, token: this.#settings.token, memory: this.#memory },
      ...{ starts, url, kept: await this.#memory.session(shard) },
      onReady: ({ guilds }) => this.#pass({ kind: 'ready', shard, guilds: guildIds(guilds) }),
      onTakenOver: () => this.#pass({ kind: 'takenOver', shard }),
      onDispatch: (name, data) => {
        if (name === 'INTERACTION_CREATE') this.#pass({ kind: 'event', name, data });
      },
    });
    this.#shard = opened;
    for (let refusals = 1; (await opened.run(signal)) === 'countRefused'; refusals++) {
      do {
        this.#pass({ kind: 'countRefused', count: shard.count });
        await sleep(clock, backoffMs(refusals, { firstMs: refusedMs, longestMs: longestRefusedMs }), signal);
      } while (!signal.aborted && !(await this.#isStillWanted(starts)));
    }
  }

  /** Returns true if Discord says that it wants so many shards, though it refused them. If it wants others, the account ends this one. */
  async #isStillWanted(starts: SessionStarts): Promise<boolean> {
    const asked = await starts.ask();
    return 'shards' in asked && asked.shards === this.#options.shard.count;
  }

  #pass(heard: Heard): void {
    this.#passing = this.#passing.then(() => this.#passOn(heard));
  }

  /** Waits until the events before a session's newest number are stored. Returns false if one of them was lost. */
  async #mayKeep(): Promise<boolean> {
    // The library tells an event right after its number.
    await setImmediate();
    await this.#passing;
    return !this.#hasLost;
  }

  /** Tries again until it is stored, or the shard ends. */
  async #passOn(heard: Heard): Promise<void> {
    const { pass, clock, log } = this.#options;
    const { signal } = this.#ended;
    for (;;) {
      try {
        return await pass(writeHeard(heard));
      } catch (err) {
        if (signal.aborted) {
          this.#hasLost = true;
          return log.warn({ platform: 'discord', err }, 'a message of a shard could not be passed on');
        }
        await sleep(clock, passAgainMs, signal);
      }
    }
  }
}

/** Returns a client that tries a refused token again, which may have been replaced. The delay after a refusal is that of its caller. */
function trusting(client: DiscordClient): DiscordClient {
  return {
    request(call, signal) {
      client.trustToken();
      return client.request(call, signal);
    },
    trustToken: () => client.trustToken(),
    close: () => client.close(),
  };
}
