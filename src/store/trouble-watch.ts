import type { Log } from '../log.ts';
import type { Clock } from '../time/clock.ts';
import { describeTrouble, type Trouble, troubleOf } from './trouble.ts';

/** Interval between two reports of a problem that lasts, ms. */
const TELL_AGAIN_MS = 10 * 60_000;
/** Time without a refusal after which the database counts as working, ms. It is longer than every retry delay. */
const WELL_AFTER_MS = 40_000;

/** Watches the database and reports a problem at its first refusal, then rarely, and once when it works again. */
export interface TroubleWatch {
  /** Starts reporting. A refusal before this is reported as the reason why the start failed. */
  begin(): void;
  /** Call this when an operation failed. Errors that are not the database's are ignored. */
  failed(error: unknown): void;
  /** Call this when a write succeeded. */
  wrote(): void;
}

export interface TroubleWatchOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
}

export function createTroubleWatch({ file, clock, log }: TroubleWatchOptions): TroubleWatch {
  /** Time of the last report by the monotonic clock, ms. */
  let told: { readonly trouble: Trouble; readonly at: number } | null = null;
  let failedAt = 0;
  let begun = false;

  return {
    begin() {
      begun = true;
    },
    failed(err) {
      const trouble = troubleOf(err);
      // The process that lost its lease says so itself.
      if (trouble === null || trouble === 'takenOver' || !begun) return;
      const now = clock.monotonic();
      failedAt = now;
      if (told?.trouble === trouble && now - told.at < TELL_AGAIN_MS) return;
      told = { trouble, at: now };
      log.error(
        { trouble, err },
        `${describeTrouble(trouble, file)}; until then events are buffered in memory and retried; nothing is sent twice`,
      );
    },
    wrote() {
      if (told === null || clock.monotonic() - failedAt < WELL_AFTER_MS) return;
      log.info({ trouble: told.trouble }, `${file} works again: buffered events are being written`);
      told = null;
    },
  };
}
