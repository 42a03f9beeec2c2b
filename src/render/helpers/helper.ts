/** The values that a helper can use besides its arguments. */
export interface Scope {
  /** Unix milliseconds; null: the text is compared, not shown, and says exactly what time it names. */
  readonly now: number | null;
  /** The room's IANA time zone. */
  readonly timeZone: string;
}

/** True or false, text with formats or links, or a list. */
export type HelperResult = 'truth' | 'markup' | 'list';

/**
 * A function for templates: `{{name a b}}`. Arguments come from the event: they may be null, missing, of another type
 * than usual, or hostile. A helper never throws. It returns text to be escaped, a value for another helper, or `markup`
 * in which every value is already encoded.
 */
export interface Helper {
  /** The signature in error messages: `truncate <text> [<characters>]`. */
  readonly usage: string;
  /** The result, in words, for the reference page. */
  readonly gives: string;
  /** The default of each optional argument, by its name in the usage. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** The kind of every result, if that decides where the result can be used. */
  readonly result?: HelperResult;
  /** A call of it without braces, on a row of `posts`; the reference page shows what becomes of it. */
  readonly example: string;
  readonly least: number;
  readonly most: number;
  run(args: readonly unknown[], scope: Scope): unknown;
}

export type Helpers = Readonly<Record<string, Helper>>;
