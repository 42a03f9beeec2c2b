import { shown, shownLine } from './shown.ts';

/**
 * The one printer for a terminal. Names, reasons and conditions are other people's text, and a terminal obeys the control
 * characters in it (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html), C1 ones as U+009B too.
 *
 * Whole text in its shown form: line breaks stay, and everything else that a terminal would obey or a reader would not see is
 * written as `⟦U+001B⟧`. A second pass changes nothing.
 */
export function printed(text: string): string {
  return shown(text);
}

/** Columns as one line, apart by two blanks; a line break in one of them is `␤`, so that it cannot begin a line of its own. */
export function printedRow(columns: readonly string[]): string {
  return `${columns.map(shownLine).join('  ')}\n`;
}

/** A value as a JSON document for programs: the same value when it is read, and nothing in its text that a terminal obeys. */
export function printedJson(value: unknown): string {
  return `${escaped(JSON.stringify(value, null, 2))}\n`;
}

/**
 * JSON text, or YAML text with its doubtful strings in double quotes: where a terminal would show it otherwise than it is,
 * everything beyond ASCII is an escape. Both languages know `\uXXXX` (https://yaml.org/spec/1.2.2/#57-escaped-characters).
 */
export function escaped(text: string): string {
  if (shown(text) === text) return text;
  return text.replaceAll(/[^\n\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
