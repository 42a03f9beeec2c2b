import type { TellOperators } from '../../notices/operator-notices.ts';
import type { Clock } from '../../time/clock.ts';
import { formatDuration } from '../../time/duration.ts';
import type { SourceState } from './state.ts';

/** The beginning and reason of an outage. `since`: Unix milliseconds. */
export interface Outage {
  readonly since: number;
  readonly reason: string;
}

/** Notifies operators when a source is lost or rejects the key, and when it is back. */
export interface OutageWatch {
  became(state: SourceState): void;
  stop(): void;
}

/** Creates the watch. An outage shorter than `lostAfterMs` is not reported, because most end by themselves. */
export function createOutageWatch({
  name,
  lostAfterMs,
  tell,
  onLost,
  onHeard,
  clock,
}: {
  readonly name: string;
  /** Returns the time after which a source that is away is lost, ms. */
  readonly lostAfterMs: () => number;
  readonly tell: TellOperators;
  /** Called when an outage has lasted `lostAfterMs`. */
  readonly onLost?: (lost: Outage) => void;
  /** Called at each subscription, after an outage or not. */
  readonly onHeard?: () => void;
  readonly clock: Clock;
}): OutageWatch {
  let cancel: (() => void) | null = null;
  /** The operators' last word may be that it is away: from this process, or from the one before. */
  let doubts = true;
  let lost: (Outage & { readonly isRejected: boolean }) | null = null;

  const say = (text: string) => {
    doubts = true;
    tell('away', text, 'source');
  };

  function away(since: number, reason: string, isRejected: boolean): void {
    lost = { since: lost?.since ?? since, reason, isRejected };
    const afterMs = lostAfterMs();
    cancel ??= clock.after(afterMs, () => {
      if (lost === null) return;
      // A rejected key was reported immediately.
      if (!lost.isRejected) say(`No connection to ${name} for ${formatDuration(afterMs)}. Lookout keeps trying.`);
      onLost?.({ since: lost.since, reason: lost.reason });
    });
  }

  return {
    became(state) {
      switch (state.state) {
        case 'rejected':
          say(`${name} rejects the API key. Lookout retries every 5 minutes.`);
          away(clock.wall(), 'it rejects the API key', true);
          return;
        case 'lost':
          away(state.since, state.reason, false);
          return;
        case 'stale':
          away(state.since, 'it gives no sign of life', false);
          return;
        case 'subscribed':
          cancel?.();
          cancel = null;
          lost = null;
          if (doubts) tell('back', `${name} is connected again.`, { corrects: 'source' });
          doubts = false;
          onHeard?.();
          return;
        case 'idle':
        case 'connecting':
        case 'stopped':
          return;
        default:
          return state satisfies never;
      }
    },
    stop: () => cancel?.(),
  };
}
