/** The options of `lookout mutes add`. */
export interface MuteWords {
  readonly for?: string;
  readonly until?: string;
  readonly where?: string;
  readonly except?: string;
  readonly reason?: string;
}

/**
 * Returns the line of the command `mute` in a room that says the same as the words of a shell; null if it has two times.
 * A word with blanks or quotes was quoted in the shell, and is quoted in the line.
 */
export function muteLine(words: readonly string[], options: MuteWords): string | null {
  const { for: duration, until, where, except, reason } = options;
  if (duration !== undefined && until !== undefined) return null;
  const time = duration === undefined ? (until === undefined ? [] : [`until ${until}`]) : [`for ${duration}`];
  const last = words.at(-1);
  // A reason in quotes stands behind the time.
  const reasons = words.length > 1 && last !== undefined && isQuoted(last) ? 1 : 0;
  const before = words.slice(0, words.length - reasons);
  const named = Object.entries({ where, except, reason }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, quoted(value)],
  );
  return ['mute', ...before.map(word), ...time, ...words.slice(before.length).map(word), ...named].join(' ');
}

const isQuoted = (text: string) => /[\s"'\\]/.test(text);
const word = (text: string) => (isQuoted(text) ? quoted(text) : text);

/** A text as one word of a line in a room. */
const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
