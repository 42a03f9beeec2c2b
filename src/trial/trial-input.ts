import type { Input } from '../inputs/input.ts';
import type { Source, SourceOptions, SourceState } from '../inputs/source/source.ts';
import { Secret } from '../secrets/secret.ts';

/** A source that sends what it is given. */
export interface TrialInput {
  readonly input: Input;
  /** Sends a message of the source. */
  tell(message: unknown): void;
}

/** Makes an input of the same kind that connects to nothing. */
export function createTrialInput(kind: Input): TrialInput {
  let tell: (message: unknown) => void = () => {};
  const connect = async ({ onMessage, onState, clock }: SourceOptions): Promise<Source> => {
    let state: SourceState = { state: 'idle' };
    return {
      ask() {},
      hold() {},
      start() {
        tell = onMessage;
        state = { state: 'subscribed' };
        onState(state);
      },
      async stop() {
        tell = () => {};
        state = { state: 'stopped' };
      },
      get state() {
        return state;
      },
      get heardUntil() {
        return clock.now();
      },
      keyChanged() {},
      unreadableFrames: 0,
    };
  };
  const key = new Secret('a trial needs no key', 'the trial');
  return {
    input: { ...kind, connect, startDemo: async () => ({ url: 'trial', key, async stop() {} }) },
    tell: (message) => tell(message),
  };
}
