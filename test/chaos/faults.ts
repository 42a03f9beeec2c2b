import type { Random } from '../e2e/support/random.ts';
import type { DiscordDouble } from '../support/discord/double.ts';
import type { Homeserver } from '../support/homeserver.ts';
import type { MetasmokeApiDouble } from '../support/metasmoke-api.ts';
import type { SourceProxy } from './source-proxy.ts';

/** What a fault can be done to. */
export interface Victims {
  readonly proxy: SourceProxy;
  readonly discord: DiscordDouble;
  readonly matrix: Homeserver;
  readonly api: MetasmokeApiDouble;
  /** SIGKILL, and started again after so many milliseconds. */
  killLookout(pauseMs: number): Promise<void>;
  killSource(pauseMs: number): Promise<void>;
}

interface Fault {
  readonly kind: string;
  inject(victims: Victims, random: Random): Promise<void> | void;
}

/** New messages, and edits of old ones. */
const toDiscord = /^(POST|PATCH) \/channels\/\d+\/messages/;
const toMatrix = /^PUT \/rooms\/.*\/send\//;
const page = '<!DOCTYPE html><html><title>Bad gateway</title></html>';

/** The same answer of both platforms, each to one of its next few sends. */
function toSends(
  { discord, matrix }: Victims,
  random: Random,
  answer: Parameters<DiscordDouble['next']>[1] & Parameters<Homeserver['next']>[1],
): void {
  for (let times = 1 + random.integer(3); times > 0; times--) {
    if (random.chance(60)) discord.next(toDiscord, answer);
    else matrix.next(toMatrix, answer);
  }
}

export const faults: readonly Fault[] = [
  { kind: 'SIGKILL of Lookout', inject: (victims, random) => victims.killLookout(random.integer(400)) },
  {
    kind: 'SIGKILL while a send has no answer',
    async inject(victims, random) {
      toSends(victims, random, random.chance(70) ? { lost: 'done' } : { lost: 'before' });
      await new Promise((resolve) => setTimeout(resolve, 20 + random.integer(80)));
      await victims.killLookout(random.integer(300));
    },
  },
  {
    kind: 'SIGKILL, and a new device',
    async inject(victims, random) {
      toSends(victims, random, { lost: random.chance(70) ? 'done' : 'before' });
      victims.matrix.next(toMatrix, { lost: 'done' });
      await new Promise((resolve) => setTimeout(resolve, 20 + random.integer(80)));
      victims.matrix.logInAnew();
      await victims.killLookout(random.integer(300));
    },
  },
  { kind: 'SIGKILL of the source', inject: (victims, random) => victims.killSource(random.integer(500)) },
  { kind: 'socket to the source cut', inject: ({ proxy }) => proxy.cut() },
  { kind: 'source stalled', inject: ({ proxy }, random) => proxy.stall(100 + random.integer(2_500)) },
  { kind: 'slow reads from the source', inject: ({ proxy }) => proxy.trickle(800) },
  {
    kind: '429 with a wait',
    inject({ discord, matrix }, random) {
      const seconds = 1 + random.integer(6);
      discord.next(toDiscord, {
        status: 429,
        headers: { 'retry-after': String(seconds), 'x-ratelimit-scope': random.pick(['user', 'shared', 'global']) },
        body: { message: 'You are being rate limited.', retry_after: seconds, global: false, code: 0 },
      });
      matrix.next(toMatrix, {
        status: 429,
        headers: { 'retry-after': String(seconds) },
        body: { errcode: 'M_LIMIT_EXCEEDED', error: 'Too Many Requests', retry_after_ms: seconds * 1_000 },
      });
    },
  },
  {
    kind: '429 without a wait',
    inject({ discord, matrix }) {
      discord.next(toDiscord, { status: 429, body: { message: 'You are being rate limited.', code: 0 } });
      matrix.next(toMatrix, { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', error: 'Too Many Requests' } });
    },
  },
  {
    kind: '5xx before it was accepted',
    inject: (victims, random) => toSends(victims, random, { status: 502, body: page }),
  },
  {
    kind: '5xx after it was accepted',
    inject: (victims, random) => toSends(victims, random, { status: 503, body: page, done: true }),
  },
  { kind: 'answer lost, accepted', inject: (victims, random) => toSends(victims, random, { lost: 'done' }) },
  { kind: 'answer lost, not accepted', inject: (victims, random) => toSends(victims, random, { lost: 'before' }) },
  { kind: 'time-out', inject: (victims, random) => toSends(victims, random, { hangs: true }) },
  { kind: 'half an answer', inject: (victims, random) => toSends(victims, random, { half: true }) },
  { kind: 'an answer that stalls', inject: (victims, random) => toSends(victims, random, { stalls: true }) },
  {
    kind: 'errors of the API',
    inject({ api }, random) {
      const answer = random.pick([
        { status: 500, body: page },
        { status: 403, body: { name: 'unauthorized', detail: 'No.' } },
        { status: 200, body: page },
      ]);
      const heal = api.always(random.pick([/v2\.0/, /graphql/, /filter_fields/, /./]), answer);
      setTimeout(heal, 200 + random.integer(800));
    },
  },
];
