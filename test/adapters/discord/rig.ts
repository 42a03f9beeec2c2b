import { inspect } from 'node:util';
import { expect } from 'vitest';
import type { Account, Adapter, Listener } from '../../../src/adapters/adapter.ts';
import { createDiscordAdapter, type DiscordOptions } from '../../../src/adapters/discord/discord-adapter.ts';
import type { Position, Turns } from '../../../src/adapters/platform.ts';
import { directNetwork } from '../../../src/http/network.ts';
import type { Log } from '../../../src/log.ts';
import { Secret } from '../../../src/secrets/secret.ts';
import type { Clock } from '../../../src/time/clock.ts';
import { type DiscordDouble, fakeDiscordToken, type Seen, startDiscordDouble } from '../../support/discord/double.ts';
import { createListener } from '../../support/listener.ts';
import { createTestClock, type TestClock } from '../../support/test-clock.ts';

/** A Discord adapter before the double, with the clock of both in the test's hand. */
export interface Rig {
  readonly discord: DiscordDouble;
  readonly adapter: Adapter;
  /** Stops the adapter and makes another one, as the next process does. */
  restart(): Promise<void>;
  readonly clock: TestClock;
  /** Everything that went to the log, unredacted: level, text and fields. */
  readonly said: string[];
  /** The requests so far whose `METHOD /path` matches. */
  asked(match: RegExp): readonly Seen[];
  stop(): Promise<void>;
}

export interface RigOptions extends Partial<DiscordOptions> {
  /** What the adapter tells of people; without it it does not listen. */
  readonly people?: Partial<Listener>;
}

/** Waits for nothing. */
export const unhurried = new AbortController().signal;
export const posting = /^POST \/channels\/\d+\/messages$/;
export const reading = /^GET \/channels\/\d+\/messages$/;

/** The requests' time-out is 29 s, so that it is told from other waits; requests per second are as many as a test likes. */
export async function startRig({ people, ...options }: RigOptions = {}): Promise<Rig> {
  const clock = createTestClock();
  const discord = await startDiscordDouble({ clock });
  const said: string[] = [];
  const position = keptPosition();
  const settings: DiscordOptions = {
    api: discord.url,
    token: new Secret(fakeDiscordToken, 'the test'),
    network: directNetwork,
    requestTimeoutMs: 29_000,
    requestsPerSecond: 10_000,
    guilds: [],
    form: 'top',
    forum: { title: '{title}', tags: [] },
    shownToAll: false,
    clock,
    log: listeningLog(said),
    position,
    turns: keptTurns(clock),
    ...options,
  };
  const make = () => {
    const made = createDiscordAdapter(settings);
    if (people !== undefined) made.listen(createListener(people));
    return made;
  };
  let adapter = make();
  return {
    discord,
    get adapter() {
      return adapter;
    },
    async restart() {
      await adapter.stop();
      adapter = make();
    },
    clock,
    said,
    asked: (match) => discord.seen.filter(({ method, path }) => match.test(`${method} ${path}`)),
    async stop() {
      await adapter.stop();
      await discord.stop();
      // Every request, and every answer that the double gave by itself, as Discord describes them (where that file is there).
      expect(discord.misfits).toEqual([]);
      expect(discord.pings).toEqual([]);
    },
  };
}

/** Positions that are kept in memory. */
export function keptPosition(): Position {
  const kept = new Map<string, string>();
  const keyOf = ({ id, device }: Account) => `${id} ${device}`;
  return {
    load: async (account) => kept.get(keyOf(account)) ?? null,
    save: async (account, position) => void kept.set(keyOf(account), position),
  };
}

/** Turns that are kept in memory. */
export function keptTurns(clock: Pick<Clock, 'now'>): Turns {
  const taken = new Map<string, number>();
  return {
    async take({ id, device }, everyMs) {
      const key = `${id} ${device}`;
      const waitMs = (taken.get(key) ?? Number.NEGATIVE_INFINITY) + everyMs - clock.now();
      if (waitMs > 0) return waitMs;
      taken.set(key, clock.now());
      return 0;
    },
  };
}

/** A log that keeps all it is told, errors with their causes too. */
function listeningLog(lines: string[]): Log {
  const at = (level: string) => (fields: object, text: string) =>
    void lines.push(`${level} ${text} ${inspect(fields, { depth: 9 })}`);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** The body of a message that shows `content`, by itself and with a mark. */
export function body(content: string, key = ''): string {
  const mark = key === '' ? '' : ` https://metasmoke.erwaysoftware.com/post/1#lk-${key}`;
  return JSON.stringify({ content: `${content}${mark}`, allowed_mentions: { parse: [] }, flags: 4 });
}
