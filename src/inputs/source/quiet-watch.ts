import type { Log } from '../../log.ts';
import type { Clock } from '../../time/clock.ts';

/** Notices that a source says nothing, although its connection lives: pings prove nothing about events. */
export interface QuietWatch {
  /** An event came. */
  heard(): void;
  stop(): void;
}

/**
 * Says once, after `quietAfterMs` milliseconds without an event, that the source is quiet, and once that it is back. While it stays
 * quiet `onQuiet` is told again and again.
 */
export function watchQuiet(options: {
  readonly name: string;
  readonly quietAfterMs: number;
  /** Told each time that so long has passed, with the time since which nothing came, Unix milliseconds. */
  readonly onQuiet?: (since: number) => void;
  readonly clock: Clock;
  readonly log: Log;
}): QuietWatch {
  const { name, quietAfterMs, clock, log } = options;
  let lastAt = clock.monotonic();
  let quiet = false;
  let cancel = clock.after(quietAfterMs, look);

  function look(): void {
    const silentMs = clock.monotonic() - lastAt;
    if (silentMs < quietAfterMs) {
      cancel = clock.after(quietAfterMs - silentMs, look);
      return;
    }
    const silentSince = clock.now() - silentMs;
    const since = new Date(silentSince).toISOString();
    if (!quiet)
      log.warn(
        { source: name, since },
        `No event from ${name} for ${Math.round(silentMs / 60_000)} min: either nothing happened, or it has stopped telling us`,
      );
    quiet = true;
    cancel = clock.after(quietAfterMs, look);
    options.onQuiet?.(silentSince);
  }

  return {
    heard() {
      lastAt = clock.monotonic();
      if (!quiet) return;
      quiet = false;
      log.info({ source: name }, `Events from ${name} come again`);
      cancel();
      cancel = clock.after(quietAfterMs, look);
    },
    stop: () => cancel(),
  };
}
