import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../e2e/support/random.ts';
import type { MetasmokeApiDouble } from '../support/metasmoke-api.ts';
import type { OddAnswer } from '../support/odd-answer.ts';
import type { SourceProxy } from './source-proxy.ts';
import type { TrialClocks } from './trial-clocks.ts';

/** The operations that a fault can use. */
export interface Victims {
  readonly proxy: SourceProxy;
  /** Gives the next message to Discord or to the homeserver, a new one or an edit, this answer; until `healSends`. */
  spoilSend(platform: 'discord' | 'matrix', answer: OddAnswer): void;
  /** Gives the next request about the keys of devices this answer. */
  spoilKeys(answer: OddAnswer): void;
  healSends(): void;
  /** See `MatrixSide`. */
  logIn(device: 'same' | 'new'): Promise<void>;
  readonly api: MetasmokeApiDouble;
  readonly clocks: TrialClocks;
  /** Sends SIGKILL, and starts Lookout again after this delay, ms, and after `meanwhile`. */
  killLookout(pauseMs: number, meanwhile?: () => Promise<void> | void): Promise<void>;
  killSource(pauseMs: number): Promise<void>;
  /** Lets time pass while Lookout is down, more than Discord remembers a nonce. */
  letTimePass(): void;
  /** Writes another configuration, in which nothing that is judged is another one, and makes Lookout read it. */
  reload(random: Random): Promise<void>;
  /** Makes rooms unreadable for a time, ms. */
  forbidReading(forMs: number): void;
  /** Deletes the newest message in the room of digests, as a moderator does. */
  deleteNewest(): void;
}

interface Fault {
  readonly kind: string;
  inject(victims: Victims, random: Random): Promise<void> | void;
}

const page = '<!DOCTYPE html><html><title>Bad gateway</title></html>';

/** Gives the same answer on both platforms, each to one of its next few sends. */
export function toSends({ spoilSend }: Victims, random: Random, answer: OddAnswer): void {
  for (let times = 1 + random.integer(3); times > 0; times--)
    spoilSend(random.chance(60) ? 'discord' : 'matrix', answer);
}

/** Kills Lookout while some of its sends have no answer, most of which were accepted. */
async function killUnanswered(
  victims: Victims,
  random: Random,
  meanwhile: () => Promise<void> | void = () => {},
): Promise<void> {
  const done = random.chance(70);
  const answer: OddAnswer = random.chance(50) ? { hangs: true, done } : { lost: done ? 'done' : 'before' };
  toSends(victims, random, answer);
  victims.spoilSend('discord', answer);
  victims.spoilSend('matrix', answer);
  await pause(20 + random.integer(130));
  await victims.killLookout(random.integer(300), async () => {
    victims.healSends();
    await meanwhile();
  });
}

export const faults: readonly Fault[] = [
  { kind: 'SIGKILL of Lookout', inject: (victims, random) => victims.killLookout(random.integer(400)) },
  { kind: 'SIGKILL while a send has no answer', inject: (victims, random) => killUnanswered(victims, random) },
  {
    kind: 'SIGKILL, and a new device',
    inject: (victims, random) => killUnanswered(victims, random, () => victims.logIn('new')),
  },
  {
    kind: 'SIGKILL, and a new token',
    inject: (victims, random) => killUnanswered(victims, random, () => victims.logIn('same')),
  },
  {
    kind: 'SIGKILL, and a nonce grown old',
    inject: (victims, random) => killUnanswered(victims, random, () => victims.letTimePass()),
  },
  {
    kind: 'SIGKILL, and rooms that cannot be read back',
    inject: (victims, random) =>
      killUnanswered(victims, random, async () => {
        victims.letTimePass();
        await victims.logIn('new');
        victims.forbidReading(1_500 + random.integer(2_500));
      }),
  },
  { kind: 'reload', inject: (victims, random) => victims.reload(random) },
  {
    kind: 'reload, and SIGKILL in the middle of it',
    async inject(victims, random) {
      await victims.reload(random);
      await pause(random.integer(60));
      await victims.killLookout(random.integer(300));
    },
  },
  {
    kind: 'reload while sends have no answer',
    async inject(victims, random) {
      toSends(victims, random, random.chance(50) ? { hangs: true, done: true } : { lost: 'done' });
      await pause(random.integer(100));
      await victims.reload(random);
    },
  },
  { kind: 'rooms that cannot be read back', inject: (victims) => victims.forbidReading(1_500) },
  { kind: 'a message deleted by a moderator', inject: (victims) => victims.deleteNewest() },
  {
    kind: 'clock of Lookout set back and right again',
    inject({ clocks }, random) {
      clocks.setLookout('back');
      setTimeout(() => clocks.setLookout('right'), 200 + random.integer(2_500));
    },
  },
  { kind: 'SIGKILL of the source', inject: (victims, random) => victims.killSource(random.integer(500)) },
  { kind: 'socket to the source cut', inject: ({ proxy }) => proxy.cut() },
  { kind: 'source stalled', inject: ({ proxy }, random) => proxy.stall(100 + random.integer(2_500)) },
  { kind: 'slow reads from the source', inject: ({ proxy }) => proxy.trickle(800) },
  {
    kind: '429 with a wait',
    inject({ spoilSend }, random) {
      const seconds = 1 + random.integer(6);
      spoilSend('discord', {
        status: 429,
        headers: { 'retry-after': String(seconds), 'x-ratelimit-scope': random.pick(['user', 'shared', 'global']) },
        body: { message: 'You are being rate limited.', retry_after: seconds, global: false, code: 0 },
      });
      spoilSend('matrix', {
        status: 429,
        headers: { 'retry-after': String(seconds) },
        body: { errcode: 'M_LIMIT_EXCEEDED', error: 'Too Many Requests', retry_after_ms: seconds * 1_000 },
      });
    },
  },
  {
    kind: '429 without a wait',
    inject({ spoilSend }) {
      spoilSend('discord', { status: 429, body: { message: 'You are being rate limited.', code: 0 } });
      spoilSend('matrix', { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', error: 'Too Many Requests' } });
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
  {
    kind: 'time-out',
    inject: (victims, random) => toSends(victims, random, { hangs: true, done: random.chance(50) }),
  },
  {
    kind: 'half an answer',
    inject: (victims, random) => toSends(victims, random, { half: true, done: random.chance(50) }),
  },
  {
    kind: 'an answer that stalls',
    inject: (victims, random) => toSends(victims, random, { stalls: true, done: random.chance(50) }),
  },
  {
    kind: 'key requests that fail',
    inject({ spoilKeys }, random) {
      const done = random.chance(50);
      for (let times = 1 + random.integer(3); times > 0; times--)
        spoilKeys(
          random.pick([
            { status: 502, body: page, done },
            { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', error: 'Too Many Requests', retry_after_ms: 2_000 } },
            { lost: done ? 'done' : 'before' },
            { half: true, done },
          ] satisfies OddAnswer[]),
        );
    },
  },
  {
    kind: 'SIGKILL while a key request has no answer',
    async inject(victims, random) {
      victims.spoilKeys({ hangs: true, done: random.chance(50) });
      await pause(100 + random.integer(400));
      await victims.killLookout(random.integer(300), victims.healSends);
    },
  },
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
