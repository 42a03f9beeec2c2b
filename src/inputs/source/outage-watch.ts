import type { TellOperators } from '../../notices/operator-notices.ts';
import type { Clock } from '../../time/clock.ts';
import { formatDuration } from '../../time/duration.ts';
import type { SourceState } from './state.ts';

/** How a source was lost. `since`: Unix milliseconds. */
export interface Lost {
  readonly since: number;
  readonly reason: string;
}

/** Tells of a source that is lost or refuses us, and that it is back. */
export interface SourceNews {
  became(state: SourceState): void;
  stop(): void;
}

/** A source that is away for less than `lostAfterMs` is not worth a word: it comes back by itself most often. */
export function createSourceNews({
  name,
  lostAfterMs,
  tell,
  onLost,
  onHeard,
  clock,
}: {
  readonly name: string;
  readonly lostAfterMs: number;
  readonly tell: TellOperators;
  /** It is away for so long now. */
  readonly onLost?: (lost: Lost) => void;
  /** It is subscribed, whether it was lost before or not. */
  readonly onHeard?: () => void;
  readonly clock: Clock;
}): SourceNews {
  let cancel: (() => void) | null = null;
  let isTold = false;
  let lost: (Lost & { readonly isRejected: boolean }) | null = null;

  const say = (text: string) => {
    isTold = true;
    tell('source', text);
  };

  function away(since: number, reason: string, isRejected: boolean): void {
    lost = { since: lost?.since ?? since, reason, isRejected };
    cancel ??= clock.after(lostAfterMs, () => {
      if (lost === null) return;
      // Of a key that is refused they were told at once.
      if (!lost.isRejected)
        say(`${name} is lost for ${formatDuration(lostAfterMs)}. Connecting is tried again and again.`);
      onLost?.({ since: lost.since, reason: lost.reason });
    });
  }

  return {
    became(state) {
      switch (state.state) {
        case 'rejected':
          say(`${name} refuses our key. It is tried again every 5 minutes.`);
          away(clock.now(), 'it refuses our key', true);
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
          if (isTold) tell('source back', `${name} is heard again.`);
          isTold = false;
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
