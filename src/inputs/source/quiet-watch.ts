import type { Log } from '../../log.ts';
import type { Clock } from '../../time/clock.ts';

/** Detects that a source sends no events although it is connected. Pings prove nothing about events. */
export interface QuietWatch {
  /** Call this for each event. */
  heard(): void;
  /** The time after which it is quiet may be another one. */
  configure(): void;
  stop(): void;
}

/**
 * Logs once that the source is quiet, after `quietAfterMs` milliseconds without an event, and once that events arrive
 * again. While it stays quiet, `onQuiet` is called repeatedly.
 */
export function watchQuiet(options: {
  readonly name: string;
  /** Returns the time after which a source without events is quiet, ms. */
  readonly quietAfterMs: () => number;
  /**
   * Called each time that this interval passes without an event, with the time since which none arrived, Unix
   * milliseconds.
   */
  readonly onQuiet?: (since: number) => void;
  readonly clock: Clock;
  readonly log: Log;
}): QuietWatch {
  const { name, quietAfterMs, clock, log } = options;
  let lastAt = clock.monotonic();
  let quiet = false;
  let cancel = clock.after(quietAfterMs(), look);

  function look(): void {
    const silentMs = clock.monotonic() - lastAt;
    if (silentMs < quietAfterMs()) {
      cancel = clock.after(quietAfterMs() - silentMs, look);
      return;
    }
    const silentSince = clock.wall() - silentMs;
    const since = new Date(silentSince).toISOString();
    if (!quiet)
      log.warn(
        { source: name, since },
        `No event from ${name} for ${Math.round(silentMs / 60_000)} min: either nothing happened, or it has stopped sending events`,
      );
    quiet = true;
    cancel = clock.after(quietAfterMs(), look);
    options.onQuiet?.(silentSince);
  }

  return {
    heard() {
      lastAt = clock.monotonic();
      if (!quiet) return;
      quiet = false;
      log.info({ source: name }, `Events from ${name} are arriving again`);
      cancel();
      cancel = clock.after(quietAfterMs(), look);
    },
    configure() {
      cancel();
      look();
    },
    stop: () => cancel(),
  };
}
