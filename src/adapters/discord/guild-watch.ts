import { listOf, objectOf } from '../../text/json.ts';
import { sleep } from '../../time/clock.ts';
import type { Listener } from '../adapter.ts';
import { idOf } from './exchange.ts';
import { type AnswerOptions, answerInChannel } from './interaction-answers.ts';

/** Interval between two readings of the list of servers, ms. */
const everyMs = 5 * 60_000;
/** Page size and most pages (https://discord.com/developers/docs/resources/user#get-current-user-guilds). */
const pageSize = 200;
const mostPages = 10;

export interface GuildWatchOptions extends AnswerOptions {
  readonly greet: Listener['greet'];
}

/**
 * Greets a server that adds the bot while it runs, in the channel that the server has for such messages. Discord reports new
 * servers only together with every change of every channel (the intent GUILDS), so the list of servers is read instead.
 */
export interface GuildWatch {
  /** A session began: the ids of the servers that the bot is on. The first such list greets none. */
  ready(guilds: readonly string[]): void;
  /** Resolves when everything has ended, after `signal` was aborted. */
  settled(): Promise<void>;
}

export function createGuildWatch(options: GuildWatchOptions): GuildWatch {
  return new WatchOfGuilds(options);
}

class WatchOfGuilds implements GuildWatch {
  readonly #options: GuildWatchOptions;
  /** Null before the first session. */
  #known: Set<string> | null = null;
  #work: Promise<void> = Promise.resolve();

  constructor(options: GuildWatchOptions) {
    this.#options = options;
  }

  ready(guilds: readonly string[]): void {
    const isFirst = this.#known === null;
    this.#known ??= new Set(guilds);
    this.#do(() => this.#take(guilds));
    if (isFirst) void this.#poll();
  }

  async settled(): Promise<void> {
    await this.#work;
  }

  async #poll(): Promise<void> {
    const { clock, signal } = this.#options;
    for (;;) {
      await sleep(clock, everyMs, signal);
      if (signal.aborted) return;
      this.#do(async () => {
        const guilds = await this.#read();
        if (guilds !== null) await this.#take(guilds);
      });
      await this.#work;
    }
  }

  #do(work: () => Promise<void>): void {
    const { log } = this.#options;
    this.#work = this.#work
      .then(work)
      .catch((err: unknown) => log.error({ platform: 'discord', err }, 'new servers could not be greeted'));
  }

  /** Greets the servers that are new. One that the bot left is new again when it comes back. */
  async #take(guilds: readonly string[]): Promise<void> {
    const before = this.#known ?? new Set();
    this.#known = new Set(guilds);
    for (const guild of guilds) if (!before.has(guild)) await this.#greet(guild);
  }

  async #greet(guild: string): Promise<void> {
    const { client, greet, log, signal } = this.#options;
    const exchange = await client.request({ method: 'GET', route: `/guilds/${guild}` }, signal);
    const channel = exchange.kind === 'ok' ? idOf(objectOf(exchange.body).system_channel_id) : null;
    log.info({ platform: 'discord', guild }, `the bot was added to the server ${guild}`);
    const message = channel === null ? null : await greet(channel);
    if (channel !== null && message !== null)
      await answerInChannel({ channel }, { message, private: false }, this.#options);
  }

  /** Returns the ids of all servers that the bot is on; null if Discord gave no usable answer. */
  async #read(): Promise<readonly string[] | null> {
    const { client, signal } = this.#options;
    const found: string[] = [];
    for (let page = 0; page < mostPages; page++) {
      const after = found.at(-1);
      const query = { limit: String(pageSize), ...(after !== undefined && { after }) };
      const exchange = await client.request({ method: 'GET', route: '/users/@me/guilds', query }, signal);
      if (exchange.kind !== 'ok') return null;
      const ids = listOf(exchange.body).flatMap((guild) => idOf(objectOf(guild).id) ?? []);
      found.push(...ids);
      if (ids.length < pageSize) break;
    }
    return found;
  }
}
