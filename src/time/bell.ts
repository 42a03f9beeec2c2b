import type { Clock } from './clock.ts';

/** A signal to wait for. A ring while no caller waits is kept for the next wait. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, after `atMostMs` (null: no limit), or when `signal` is aborted. */
  wait(atMostMs: number | null, signal: AbortSignal): Promise<void>;
}

export function createBell(clock: Clock): Bell {
  let rung = false;
  let wake: (() => void) | null = null;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    wait(atMostMs, signal) {
      if (rung || signal.aborted) {
        rung = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const done = () => {
          cancel();
          signal.removeEventListener('abort', done);
          wake = null;
          rung = false;
          resolve();
        };
        const cancel = atMostMs === null ? () => {} : clock.after(atMostMs, done);
        signal.addEventListener('abort', done);
        wake = done;
      });
    },
  };
}
