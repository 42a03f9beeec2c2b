import { printed } from '../text/printed.ts';

/** The exit code of a command: 0 done, 1 a negative answer or a failure, 2 wrong usage or configuration. */
export type ExitCode = 0 | 1 | 2;

/**
 * The output of a command: data to `out`, messages to `err`; whole lines. It never contains characters that a terminal
 * obeys: see `text/printed.ts`.
 */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /**
   * Writes to the same place as `err`, unchanged: for lines with our own colours, in which all foreign text is already
   * in its shown form.
   */
  styled(text: string): void;
  /** True if `err` is a terminal. */
  readonly errIsTerminal: boolean;
  readonly outIsTerminal: boolean;
  /** True if `err` may be coloured. */
  readonly errColor: boolean;
  readonly outColor: boolean;
  /** Number of columns of `out`; null if it is not a terminal. */
  readonly outColumns: number | null;
}

/** The streams of a process and their properties. */
export interface TerminalOptions extends Omit<Terminal, 'out' | 'err' | 'styled'> {
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
}

export function createTerminal({ writeOut, writeErr, ...known }: TerminalOptions): Terminal {
  return {
    ...known,
    out: (text) => writeOut(printed(text)),
    err: (text) => writeErr(printed(text)),
    styled: writeErr,
  };
}
