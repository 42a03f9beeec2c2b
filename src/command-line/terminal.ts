import { printed } from '../text/printed.ts';

/** What a command ends with: 0 done, 1 "the answer is no, or it failed", 2 wrong usage or configuration. */
export type ExitCode = 0 | 1 | 2;

/**
 * Where a command's words go: data to `out`, talk to `err`; whole lines. Whatever is in them, a terminal has nothing to obey:
 * see `render/printed.ts`.
 */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** To the same place as `err`, as it is: for lines with colours of our own, in which all foreign text is in its shown form already. */
  styled(text: string): void;
  /** Whether a person reads it. */
  readonly errIsTerminal: boolean;
  readonly outIsTerminal: boolean;
  /** Whether it may be coloured. */
  readonly errColor: boolean;
  readonly outColor: boolean;
  /** How many columns `out` has; null where it is no terminal. */
  readonly outColumns: number | null;
}

/** The streams of a process, and what is known of them. */
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
