/** What a helper may know beside its arguments. */
export interface Scope {
  /** Unix milliseconds. */
  readonly now: number;
  /** The room's IANA time zone. */
  readonly timeZone: string;
}

/**
 * One thing that a template can call: `{{name a b}}`. Arguments are whatever the event held: null, missing, of another
 * type than usual, hostile. A helper never throws. What it returns is text to be escaped, a value for another helper,
 * or `markup` in which every value is encoded already.
 */
export interface Helper {
  /** How a template calls it, for error messages: `truncate <text> [<characters>]`. */
  readonly usage: string;
  readonly least: number;
  readonly most: number;
  run(args: readonly unknown[], scope: Scope): unknown;
}

export type Helpers = Readonly<Record<string, Helper>>;
