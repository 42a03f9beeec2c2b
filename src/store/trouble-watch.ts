import type { Log } from '../log.ts';
import type { Clock } from '../time/clock.ts';
import { describeTrouble, type Trouble, troubleOf } from './trouble.ts';

/** A trouble that lasts is told of again after so long, in milliseconds. */
const TELL_AGAIN_MS = 10 * 60_000;
/** Everything is tried again sooner than this: a database that refused nothing for so long is well again, in milliseconds. */
const WELL_AFTER_MS = 40_000;

/** Hears how the database does, and tells of it: at the first refusal, then rarely, and once it is well again. */
export interface TroubleWatch {
  /** From here on it is told: what is refused before is the reason why nothing begins. */
  begin(): void;
  /** The database refused something; of an error that is not its fault nothing is said. */
  failed(error: unknown): void;
  /** The database took something. */
  wrote(): void;
}

export interface TroubleWatchOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
}

export function createTroubleWatch({ file, clock, log }: TroubleWatchOptions): TroubleWatch {
  /** By the monotonic clock. */
  let told: { readonly trouble: Trouble; readonly at: number } | null = null;
  let failedAt = 0;
  let begun = false;

  return {
    begin() {
      begun = true;
    },
    failed(err) {
      const trouble = troubleOf(err);
      if (trouble === null || !begun) return;
      const now = clock.monotonic();
      failedAt = now;
      if (told?.trouble === trouble && now - told.at < TELL_AGAIN_MS) return;
      told = { trouble, at: now };
      log.error(
        { trouble, err },
        `${describeTrouble(trouble, file)}; what happens meanwhile is kept in memory and tried again until then, nothing is sent twice`,
      );
    },
    wrote() {
      if (told === null || clock.monotonic() - failedAt < WELL_AFTER_MS) return;
      log.info({ trouble: told.trouble }, `${file} works again: what waited for it goes on`);
      told = null;
    },
  };
}
