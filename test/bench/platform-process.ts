import { fork } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { Ask, Counts, Tell } from './fake-platform.ts';
import type { Platform } from './platforms.ts';
import type { Progress } from './row.ts';

/** Times in nanoseconds of the monotonic clock. */
export interface Times {
  /** Time of the first message since the request. */
  readonly first: bigint;
  /** Time of the requested message, or of the last answer. */
  readonly at: bigint;
}

/** A platform that costs almost nothing, in a separate process. */
export interface PlatformProcess {
  readonly url: string;
  /** Resolves when the next message arrives. */
  nextMessage(): Promise<Times>;
  /** Counts from now on; resolves when the `count`th message was answered. Reports the number until then. */
  afterMessages(count: number, progress?: Progress): Promise<Times>;
  /** Messages and edits since the last call of `afterMessages` or `nextMessage`, or since the start. */
  readonly messages: number;
  /** Resolves when no request arrived for this time, ms. */
  untilQuiet(ms: number): Promise<void>;
  stop(): void;
}

export async function startPlatform({ program }: Platform): Promise<PlatformProcess> {
  const child = fork(program);
  const queue: Times[] = [];
  let waiting: ((times: Times) => void) | undefined;
  let mode: 'each' | 'after' | undefined;
  let counts: Counts = { messages: 0, requests: 0 };
  let onCounts = (_: Counts) => {};
  const listening = new Promise<number>((resolve) => {
    child.on('message', (message: Tell) => {
      if ('listening' in message) return resolve(message.listening);
      if ('unknown' in message) throw new Error(`${program} does not know ${message.unknown}: teach it`);
      if ('counts' in message) {
        counts = message.counts;
        return onCounts(counts);
      }
      const times = { first: BigInt(message.first), at: BigInt(message.at) };
      if (waiting === undefined) queue.push(times);
      else waiting(times);
      waiting = undefined;
    });
  });
  const next = () =>
    new Promise<Times>((resolve) => {
      const there = queue.shift();
      if (there === undefined) waiting = resolve;
      else resolve(there);
    });
  const ask = (wanted: Ask) =>
    new Promise<void>((resolve, reject) => child.send(wanted, (error) => (error ? reject(error) : resolve())));
  return {
    url: `http://127.0.0.1:${await listening}`,
    async nextMessage() {
      if (mode !== 'each') await ask({ tellEach: true });
      mode = 'each';
      return next();
    },
    async afterMessages(wanted, progress) {
      mode = 'after';
      await ask({ tellAfter: wanted });
      onCounts = ({ messages }) => progress?.(`${messages} of ${wanted} messages`);
      return next();
    },
    get messages() {
      return counts.messages;
    },
    async untilQuiet(ms) {
      let seen = counts.requests;
      for (let since = performance.now(); performance.now() - since < ms; await pause(100)) {
        if (counts.requests === seen) continue;
        seen = counts.requests;
        since = performance.now();
      }
    },
    stop: () => void child.disconnect(),
  };
}
