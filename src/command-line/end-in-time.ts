import type { Log } from '../log.ts';
import type { Clock } from '../time/clock.ts';
import type { ExitCode } from './terminal.ts';

/** Time after the first signal at which the process ends, whatever still hangs, ms. */
const END_AT_LATEST_MS = 2_000;
/** Time for the reader of our output to take the last of it, ms. */
const FLUSH_MS = 250;
/** Time within which a second signal is the same one, ms: npm and the terminal both pass Ctrl-C on. */
const SAME_SIGNAL_MS = 500;

export interface EndInTimeOptions {
  /** Ends the process at once. */
  readonly exitNow: (code: ExitCode) => void;
  /** Resolves when all output has been taken by its readers, or when there is no reader any more. */
  readonly flushed: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Ends the process in time, even if the start itself or a forgotten part hangs. Stored data does not need an orderly end.
 */
export class EndInTime {
  readonly #options: EndInTimeOptions;
  readonly #stopping = new AbortController();
  /** Time of the first signal by the monotonic clock, ms; null: there was none. */
  #firstAt: number | null = null;
  #cancel = () => {};

  constructor(options: EndInTimeOptions) {
    this.#options = options;
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Takes a SIGINT or SIGTERM: the first begins an orderly end, another one ends the process at once. */
  signalled(): void {
    const { clock, exitNow } = this.#options;
    const now = clock.monotonic();
    if (this.#firstAt === null) {
      this.#firstAt = now;
      this.#stopping.abort();
      this.#startTimer(0);
    } else if (now - this.#firstAt >= SAME_SIGNAL_MS) exitNow(0);
  }

  /** Begins the end without a signal. */
  begin(code: ExitCode): void {
    if (this.#firstAt === null) this.#startTimer(code);
  }

  /** Everything has stopped. */
  stopped(): void {
    this.#cancel();
  }

  /**
   * Waits until the output is taken. A reader that has not taken it by then will not take it; it is stored as sent or not
   * sent, so nothing is lost.
   */
  async flush(code: ExitCode): Promise<void> {
    const { clock, exitNow, flushed } = this.#options;
    const { promise: givenUp, resolve: giveUp } = Promise.withResolvers<void>();
    const cancel = clock.after(FLUSH_MS, () => giveUp(exitNow(code)));
    await Promise.race([flushed(), givenUp]);
    cancel();
  }

  #startTimer(code: ExitCode): void {
    const { clock, exitNow, log } = this.#options;
    this.#cancel = clock.after(END_AT_LATEST_MS, () => {
      log.warn({}, 'shutdown timed out; exiting. Stored data is intact and delivery resumes at the next start');
      exitNow(code);
    });
  }
}
