import type { Log, LogFields } from '../log.ts';
import type { Clock } from '../time/clock.ts';

/** Says things that strangers can cause as often as they like, without letting them fill the log. */
export interface OccasionalLog {
  /** Warns at once the first time, then at most once every `everyMs` for one text, telling how many it kept to itself. */
  warn(fields: LogFields, text: string): void;
}

/** `everyMs`: 10 seconds by default. Texts are the kinds: they must come from a fixed list, not from a client. */
export function createOccasionalLog(log: Log, clock: Clock, everyMs = 10_000): OccasionalLog {
  const kinds = new Map<string, { quietUntil: number; unsaid: number }>();
  return {
    warn(fields, text) {
      const kind = kinds.get(text) ?? { quietUntil: Number.NEGATIVE_INFINITY, unsaid: 0 };
      kinds.set(text, kind);
      if (clock.now() < kind.quietUntil) {
        kind.unsaid += 1;
        return;
      }
      log.warn(kind.unsaid > 0 ? { ...fields, unsaid: kind.unsaid } : fields, text);
      kind.quietUntil = clock.now() + everyMs;
      kind.unsaid = 0;
    },
  };
}
