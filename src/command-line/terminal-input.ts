import { Readable } from 'node:stream';
import type { Clock } from '../time/clock.ts';

/** Interval between two checks for a return to the foreground, ms. A shell does not notify a running job. */
const LOOK_AGAIN_MS = 2_000;

export interface TerminalInputOptions {
  /** The terminal on standard input; nothing is read from it before the result is read. */
  readonly terminal: Readable;
  readonly isInBackground: () => Promise<boolean>;
  /** Calls back at every SIGCONT (`fg` and `bg` of a stopped job); returns a function that ends this. */
  readonly onContinue: (callback: () => void) => () => void;
  readonly clock: Clock;
  /** The job has the terminal from now on, or another one has it. */
  readonly onTurn: (place: 'foreground' | 'background') => void;
}

/** Reads a terminal while the job is in its foreground, and does not read while another job has it. */
export function openTerminalInput({
  terminal,
  isInBackground,
  onContinue,
  clock,
  onTurn,
}: TerminalInputOptions): Readable {
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
    // Stop at once, not only when the owner of the terminal is known: after `bg` the next key belongs to the shell.
    terminal.off('data', take).pause();
    void isInBackground().then((inBackground) => {
      if (input.destroyed) return;
      stopWaiting();
      terminal.off('data', take);
      onTurn(inBackground ? 'background' : 'foreground');
      if (inBackground) stopWaiting = clock.after(LOOK_AGAIN_MS, look);
      else terminal.on('data', take).resume();
    });
  }

  return input;
}
