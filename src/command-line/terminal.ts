/** What a command ends with: 0 done, 1 "the answer is no, or it failed", 2 wrong usage or configuration. */
export type ExitCode = 0 | 1 | 2;

/** Where a command's words go: data to `out`, talk to `err`; whole lines. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether a person reads it. */
  readonly errIsTerminal: boolean;
  readonly outIsTerminal: boolean;
  /** Whether it may be coloured. */
  readonly errColor: boolean;
  readonly outColor: boolean;
  /** How many columns `out` has; null where it is no terminal. */
  readonly outColumns: number | null;
}
