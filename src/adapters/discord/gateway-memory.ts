import type { SessionInfo } from '@discordjs/ws';
import type { Log } from '../../log.ts';
import { objectOf, textOf } from '../../text/json.ts';
import type { Account } from '../adapter.ts';
import type { Position, Turns } from '../platform.ts';
import type { ShardId } from '../shards.ts';
import { socketAddress } from './gateway-address.ts';

export interface GatewayMemoryOptions {
  readonly position: Position;
  readonly turns?: Turns | undefined;
  /** Returns the id of the bot; null before the login. */
  readonly user: () => string | null;
  /**
   * Called before each write, with which it waits. False: nothing is written any more, since the next process must hear some events again
   * that were lost here.
   */
  readonly mayKeep?: () => Promise<boolean>;
  readonly log: Log;
}

/**
 * Keeps in the store what the next process needs to go on with the shards of a bot: their sessions, and when the last of them began. It is
 * written behind the events, so the last ones before a crash may come again. Commands among them are recognized by their ids.
 */
export class GatewayMemory {
  readonly #options: GatewayMemoryOptions;
  /** The newest values that are not written yet. */
  readonly #unwritten = new Map<string, string>();
  #writing: Promise<void> | null = null;

  constructor(options: GatewayMemoryOptions) {
    this.#options = options;
  }

  /** Returns the session of a shard; null: there is none. Throws if the store is in trouble. */
  async session({ id, count }: ShardId): Promise<SessionInfo | null> {
    const account = this.#accountOf(sessionKey({ id, count }));
    const stored = account === null ? null : await this.#options.position.load(account);
    const { session: sessionId, sequence, url } = objectOf(parsed(stored));
    const resumeURL = socketAddress(url);
    if (textOf(sessionId) === null || typeof sequence !== 'number' || resumeURL === null) return null;
    return { sessionId: String(sessionId), sequence, resumeURL, shardId: id, shardCount: count };
  }

  keepSession(shard: ShardId, session: SessionInfo | null): void {
    const { sessionId, sequence, resumeURL } = session ?? {};
    this.#save(
      sessionKey(shard),
      session === null ? '' : JSON.stringify({ session: sessionId, sequence, url: resumeURL }),
    );
  }

  /**
   * Takes the turn of a group of shards to identify, which all processes share, if the last one was taken at least `everyMs` ago. Returns 0
   * if it is ours, or else the time until it may be free, ms; null: the store does not say.
   */
  takeTurn(group: number, everyMs: number): Promise<number | null> {
    return this.#take(group, everyMs);
  }

  /** Lets the turn that was taken begin now. Returns false if the store does not say that it does. */
  async renewTurn(group: number): Promise<boolean> {
    return (await this.#take(group, 0)) === 0;
  }

  async #take(group: number, everyMs: number): Promise<number | null> {
    const account = this.#accountOf(groupKey(group));
    try {
      return account === null ? 0 : ((await this.#options.turns?.take(account, everyMs)) ?? 0);
    } catch (err) {
      this.#options.log.debug({ platform: 'discord', err }, 'the turn of a shard could not be taken');
      return null;
    }
  }

  /** Resolves when everything is written. */
  async settled(): Promise<void> {
    while (this.#writing !== null || this.#unwritten.size > 0) await this.#begin();
  }

  #accountOf(key: string): Account | null {
    const id = this.#options.user();
    return id === null ? null : { id, device: key };
  }

  #save(key: string, value: string): void {
    this.#unwritten.set(key, value);
    void this.#begin();
  }

  #begin(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #write(): Promise<void> {
    for (let [next] = this.#unwritten; next !== undefined; [next] = this.#unwritten) {
      const [key, value] = next;
      this.#unwritten.delete(key);
      const account = this.#accountOf(key);
      try {
        if (account === null || (await this.#options.mayKeep?.()) === false) continue;
        await this.#options.position.save(account, value);
      } catch (err) {
        this.#options.log.debug({ platform: 'discord', err }, 'the session of a shard could not be written');
      }
    }
  }
}

/** Sessions with another number of shards cannot be gone on with. */
const sessionKey = ({ id, count }: ShardId) => `shard ${id} of ${count}`;
const groupKey = (group: number) => `identify ${group}`;

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return null;
  }
}
