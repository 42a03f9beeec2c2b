import { shown, shownLine } from './shown.ts';

/**
 * Returns text in the one form that is printed to a terminal. Names, reasons and conditions are foreign text, and a
 * terminal obeys the control characters in it (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html), including C1
 * ones such as U+009B.
 *
 * The result is the shown form: line breaks stay, and other characters that a terminal would obey or a reader would not
 * see become `⟦U+001B⟧`. A second pass changes nothing.
 */
export function printed(text: string): string {
  return shown(text);
}

/**
 * Returns columns as one line, separated by two blanks; a line break in a column becomes `␤`, so that it cannot begin a
 * line of its own.
 */
export function printedRow(columns: readonly string[]): string {
  return `${columns.map(shownLine).join('  ')}\n`;
}

/**
 * Returns a value as a JSON document for programs: it parses to the same value, and contains no characters that a
 * terminal obeys.
 */
export function printedJson(value: unknown): string {
  return `${escaped(JSON.stringify(value, null, 2))}\n`;
}

/**
 * Escapes JSON text, or YAML text with its doubtful strings in double quotes: if a terminal would not show it
 * unchanged, everything beyond ASCII is escaped. Both languages know `\uXXXX`
 * (https://yaml.org/spec/1.2.2/#57-escaped-characters).
 */
export function escaped(text: string): string {
  if (shown(text) === text) return text;
  return text.replaceAll(/[^\n\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
