import type { Clock } from '../../time/clock.ts';

/** Frames are handed on for so long in one turn of the event loop, in milliseconds: the kernel gives megabytes of them at once. */
const TURN_MS = 10;
/** If more waits for its turn nothing is read meanwhile, in bytes. */
const MOST_WAITING_BYTES = 1024 * 1024;

export interface FrameTurnsOptions {
  readonly clock: Clock;
  readonly deliver: (frame: Buffer) => void;
  /** Too much waits (true), or nothing any more (false). */
  readonly onFull: (isFull: boolean) => void;
}

/** Hands frames on in their order, and lets everything else have its turns in between. */
export interface FrameTurns {
  /** Hands a frame on at once, or in a later turn if this one is used up. */
  push(frame: Buffer): void;
  /** Hands on all that waits, now. */
  flush(): void;
  /** Forgets what waits. */
  clear(): void;
}

/** Makes the turns of one connection. */
export function createFrameTurns({ clock, deliver, onFull }: FrameTurnsOptions): FrameTurns {
  let waiting: Buffer[] = [];
  let bytes = 0;
  let isFull = false;
  /** When this turn began, by the monotonic clock; null: none has begun. */
  let began: number | null = null;

  function isUsedUp(): boolean {
    if (began === null) {
      began = clock.monotonic();
      void clock.turn().then(nextTurn);
    }
    return clock.monotonic() - began >= TURN_MS;
  }

  function nextTurn(): void {
    began = null;
    let next = 0;
    while (next < waiting.length && !isUsedUp()) {
      const frame = waiting[next++]!;
      bytes -= frame.length;
      deliver(frame);
    }
    waiting = waiting.slice(next);
    if (waiting.length === 0 && isFull) {
      isFull = false;
      onFull(false);
    }
  }

  return {
    push(frame) {
      if (waiting.length === 0 && !isUsedUp()) return deliver(frame);
      waiting.push(frame);
      bytes += frame.length;
      if (isFull || bytes < MOST_WAITING_BYTES) return;
      isFull = true;
      onFull(true);
    },
    flush() {
      const all = waiting;
      waiting = [];
      bytes = 0;
      for (const frame of all) deliver(frame);
    },
    clear() {
      waiting = [];
      bytes = 0;
    },
  };
}
