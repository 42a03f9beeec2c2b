import type { Clock } from '../../time/clock.ts';

/** Time in one turn of the event loop for passing frames on, ms. The kernel delivers megabytes of them at once. */
const TURN_MS = 10;
/** Number of waiting bytes above which reading stops. */
const MOST_WAITING_BYTES = 1024 * 1024;

export interface FrameTurnsOptions {
  readonly clock: Clock;
  readonly deliver: (frame: Buffer) => void;
  /** Called with true if too many bytes wait, and with false when none do. */
  readonly onFull: (isFull: boolean) => void;
}

/** Passes frames on in order, and gives other work its turns in between. */
export interface FrameTurns {
  /** Passes a frame on at once, or in a later turn if this one is used up. */
  push(frame: Buffer): void;
  /** Passes on all waiting frames now. */
  flush(): void;
  /** Discards the waiting frames. */
  clear(): void;
}

/** Creates the turns of one connection. */
export function createFrameTurns({ clock, deliver, onFull }: FrameTurnsOptions): FrameTurns {
  let waiting: Buffer[] = [];
  let bytes = 0;
  let isFull = false;
  /** Start of this turn by the monotonic clock, ms; null: none has begun. */
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
