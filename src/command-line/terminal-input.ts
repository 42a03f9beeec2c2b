import { Readable } from 'node:stream';
import type { Clock } from '../time/clock.ts';

/** Interval between two looks at whether the job is back in the foreground, ms: a shell does not tell a running job. */
const LOOK_AGAIN_MS = 2_000;

export interface TerminalInputOptions {
  /** The terminal that standard input is; nothing is read from it before the result is read. */
  readonly terminal: Readable;
  readonly isInBackground: () => Promise<boolean>;
  /** Calls back at every SIGCONT (`fg` and `bg` of a stopped job); returns what ends that. */
  readonly onContinue: (callback: () => void) => () => void;
  readonly clock: Clock;
}

/** Reads a terminal while the job is in its foreground, and leaves it alone while another job has it. */
export function openTerminalInput({ terminal, isInBackground, onContinue, clock }: TerminalInputOptions): Readable {
  let isStarted = false;
  let stopWaiting = () => {};
  let stopListening = () => {};
  const input = new Readable({
    read() {
      if (isStarted) return;
      isStarted = true;
      terminal.on('end', () => input.push(null));
      // The terminal was closed.
      terminal.on('error', () => input.push(null));
      stopListening = onContinue(look);
      look();
    },
    destroy(error, done) {
      stopWaiting();
      stopListening();
      terminal.destroy();
      done(error);
    },
  });
  const take = (chunk: Buffer) => void input.push(chunk);

  function look(): void {
    stopWaiting();
    // At once, and not when it is known who has the terminal: after `bg` the next key belongs to the shell.
    terminal.off('data', take).pause();
    void isInBackground().then((inBackground) => {
      if (input.destroyed) return;
      stopWaiting();
      terminal.off('data', take);
      if (inBackground) stopWaiting = clock.after(LOOK_AGAIN_MS, look);
      else terminal.on('data', take).resume();
    });
  }

  return input;
}
