/** A line of events that cannot be used. */
export class InputError extends Error {
  /** From 1. */
  readonly line: number;
  readonly wrong: string;
  readonly right: string;

  constructor(line: number, wrong: string, right: string) {
    super(`line ${line} ${wrong}: ${right}`);
    this.line = line;
    this.wrong = wrong;
    this.right = right;
  }
}
