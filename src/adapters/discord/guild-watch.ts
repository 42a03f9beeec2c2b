import { listOf, objectOf } from '../../text/json.ts';
import { sleep } from '../../time/clock.ts';
import type { Listener } from '../adapter.ts';
import type { ShardId } from '../shards.ts';
import { type Exchange, idOf } from './exchange.ts';
import { type AnswerOptions, answerInChannel } from './interaction-answers.ts';
import { shardOf } from './shard-of.ts';
import { troubleOf } from './trouble.ts';

/** Interval between two readings of the list of servers, ms. */
const everyMs = 5 * 60_000;
/** Page size (https://discord.com/developers/docs/resources/user#get-current-user-guilds). */
const pageSize = 200;
/** Most pages: a longer list is not read, and its new servers are greeted when a session begins. */
const mostPages = 500;

/** Most attempts at a page that Discord lets wait. */
const MOST_ATTEMPTS = 10;

export interface GuildWatchOptions extends AnswerOptions {
  readonly greet: Listener['greet'];
}

/**
 * Greets a server that adds the bot while it runs, in the channel that the server has for such messages. Discord reports new
 * servers only together with every change of every channel (the intent GUILDS), so the list of servers is read instead.
 */
export interface GuildWatch {
  /** From now on there are so many shards: another number divides the servers differently. */
  divide(count: number): void;
  /**
   * A session began on a shard: the ids of the servers there that the bot is on. The first such list of a shard greets none. A shard of
   * another number, whose message was under way, does not count.
   */
  ready(guilds: readonly string[], shard: ShardId): void;
  /** The session of an earlier process goes on on a shard: the next list of its servers greets none. */
  takenOver(shard: ShardId): void;
  /** Resolves when everything has ended, after `signal` was aborted. */
  settled(): Promise<void>;
}

export function createGuildWatch(options: GuildWatchOptions): GuildWatch {
  return new WatchOfGuilds(options);
}

class WatchOfGuilds implements GuildWatch {
  readonly #options: GuildWatchOptions;
  /** The servers of each shard that has a session; null: they are not known yet. */
  readonly #known = new Map<number, ReadonlySet<string> | null>();
  /** Number of shards; 0: it is not known yet. */
  #count = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(options: GuildWatchOptions) {
    this.#options = options;
  }

  ready(guilds: readonly string[], { id, count }: ShardId): void {
    if (count !== this.#count) return;
    if (!this.#known.has(id)) this.#known.set(id, null);
    this.#do(() => this.#take(guilds, { id, count }));
  }

  takenOver({ id, count }: ShardId): void {
    if (count === this.#count) this.#known.set(id, null);
  }

  divide(count: number): void {
    if (this.#count === count) return;
    const isFirst = this.#count === 0;
    this.#known.clear();
    this.#count = count;
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
        if (guilds !== null) await this.#takeAll(guilds);
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

  /** Divides the servers among the shards that had a session: those of the others are not known yet. */
  async #takeAll(guilds: readonly string[]): Promise<void> {
    const count = this.#count;
    const byShard = Map.groupBy(guilds, (guild) => shardOf(guild, count));
    for (const id of [...this.#known.keys()]) await this.#take(byShard.get(id) ?? [], { id, count });
  }

  /** Greets the servers of a shard that are new. One that the bot left is new again when it comes back. */
  async #take(guilds: readonly string[], { id, count }: ShardId): Promise<void> {
    const before = this.#known.get(id);
    // Discord wanted another number of shards meanwhile.
    if (before === undefined || count !== this.#count) return;
    this.#known.set(id, new Set(guilds));
    for (const guild of guilds) if (before !== null && !before.has(guild)) await this.#greet(guild);
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

  /** Asks for one page of the list; again if Discord lets it wait. */
  async #page(query: Readonly<Record<string, string>>): Promise<Exchange> {
    const { client, clock, api, signal } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const exchange = await client.request({ method: 'GET', route: '/users/@me/guilds', query }, signal);
      const trouble = exchange.kind === 'ok' ? null : troubleOf(exchange, api);
      if (trouble?.kind !== 'limited' || attempt === MOST_ATTEMPTS || signal.aborted) return exchange;
      await sleep(clock, trouble.waitMs, signal);
    }
  }

  /** Returns the ids of all servers that the bot is on; null if Discord gave no usable answer, or only a part of them. */
  async #read(): Promise<readonly string[] | null> {
    const found: string[] = [];
    for (let page = 0; page < mostPages; page++) {
      const after = found.at(-1);
      const query = { limit: String(pageSize), ...(after !== undefined && { after }) };
      const exchange = await this.#page(query);
      if (exchange.kind !== 'ok') return null;
      const ids = listOf(exchange.body).flatMap((guild) => idOf(objectOf(guild).id) ?? []);
      found.push(...ids);
      if (ids.length < pageSize) return found;
    }
    return null;
  }
}
