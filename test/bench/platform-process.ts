import { fork } from 'node:child_process';
import type { Ask, Tell } from './fake-platform.ts';
import type { Platform } from './platforms.ts';

/** Nanoseconds of the monotonic clock. */
export interface Times {
  /** When the first message since the asking came. */
  readonly first: bigint;
  /** When the message that was asked for came, or the last of them was answered. */
  readonly at: bigint;
}

/** A platform that costs next to nothing, in a process of its own. */
export interface PlatformProcess {
  readonly url: string;
  /** Resolves when the next message came. */
  nextMessage(): Promise<Times>;
  /** Counts from now on; resolves when the `count`th message was answered. */
  afterMessages(count: number): Promise<Times>;
  stop(): void;
}

export async function startPlatform({ program }: Platform): Promise<PlatformProcess> {
  const child = fork(program);
  const queue: Times[] = [];
  let waiting: ((times: Times) => void) | undefined;
  let mode: 'each' | 'after' | undefined;
  const listening = new Promise<number>((resolve) => {
    child.on('message', (message: Tell) => {
      if ('listening' in message) return resolve(message.listening);
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
    async afterMessages(count) {
      mode = 'after';
      await ask({ tellAfter: count });
      return next();
    },
    stop: () => void child.disconnect(),
  };
}
