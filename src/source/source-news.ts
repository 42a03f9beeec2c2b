import type { Clock } from '../clock.ts';
import type { TellOperators } from '../operators.ts';
import type { SourceState } from './state.ts';

/** A source that is lost for so long is worth a word, in milliseconds: it comes back by itself most often. */
const LOST_MS = 2 * 60_000;

/** Tells operators of a source that is lost or refuses us, and that it is back. */
export interface SourceNews {
  became(state: SourceState): void;
  stop(): void;
}

export function createSourceNews({
  name,
  tell,
  clock,
}: {
  readonly name: string;
  readonly tell: TellOperators;
  readonly clock: Clock;
}): SourceNews {
  let cancel: (() => void) | null = null;
  let isTold = false;

  const say = (text: string) => {
    isTold = true;
    tell('source', text);
  };

  return {
    became(state) {
      switch (state.state) {
        case 'rejected':
          say(`${name} refuses our key. It is tried again every 5 minutes.`);
          return;
        case 'lost':
        case 'stale':
          cancel ??= clock.after(LOST_MS, () =>
            say(`${name} is lost for 2 minutes. Connecting is tried again and again.`),
          );
          return;
        case 'subscribed':
          cancel?.();
          cancel = null;
          if (isTold) tell('source back', `${name} is heard again.`);
          isTold = false;
          return;
        default:
          return;
      }
    },
    stop: () => cancel?.(),
  };
}
