import type { Log, LogFields } from '../log.ts';
import type { Clock } from '../time/clock.ts';

/** Logs warnings that any client can cause, at a limited rate. */
export interface OccasionalLog {
  /** Logs the first warning of a text at once, then at most one every `everyMs`, with the number suppressed in between. */
  warn(fields: LogFields, text: string): void;
}

/**
 * Creates the log. `everyMs`: 10 seconds by default. Each text is a kind of warning, so it must come from a fixed list,
 * never from a client.
 */
export function createOccasionalLog(log: Log, clock: Clock, everyMs = 10_000): OccasionalLog {
  const kinds = new Map<string, { quietUntil: number; unsaid: number }>();
  return {
    warn(fields, text) {
      const kind = kinds.get(text) ?? { quietUntil: Number.NEGATIVE_INFINITY, unsaid: 0 };
      kinds.set(text, kind);
      if (clock.wall() < kind.quietUntil) {
        kind.unsaid += 1;
        return;
      }
      log.warn(kind.unsaid > 0 ? { ...fields, unsaid: kind.unsaid } : fields, text);
      kind.quietUntil = clock.wall() + everyMs;
      kind.unsaid = 0;
    },
  };
}
