import { pino } from 'pino';
import pretty from 'pino-pretty';
import type { Secret } from './secrets/secret.ts';
import { withoutSecrets } from './secrets/without-secrets.ts';
import { escaped } from './text/printed.ts';
import { shown, shownLine } from './text/shown.ts';

/** The fields of a log line besides its text, with the words of `words.ts` as keys. `err` takes an Error. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The few methods of a logger that Lookout uses. */
export interface Log {
  debug(fields: LogFields, text: string): void;
  info(fields: LogFields, text: string): void;
  warn(fields: LogFields, text: string): void;
  error(fields: LogFields, text: string): void;
}

export interface LogOptions {
  /** Writes a line to standard error, or to a test. */
  readonly write: (line: string) => void;
  /** Lines for people (a terminal) instead of JSON, one object per line. */
  readonly forPeople: boolean;
  /** Colours lines for people. */
  readonly color: boolean;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Returns the values that are removed from every line, in any field or error. Called anew for each line. */
  readonly secrets: () => readonly Secret[];
}

/**
 * Converts a JSON line to its shown form, for people: foreign text must not move the cursor, hide, or begin a line of
 * its own. A stack has several lines, which are printed with an indent.
 */
function shownFields(json: string): object {
  return JSON.parse(json, (key, value: unknown) => {
    if (typeof value === 'string') return key === 'stack' ? shown(value) : shownLine(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [shownLine(name), field]));
  }) as object;
}

/**
 * Creates a log that writes whole lines through `write`, removes secrets, and contains nothing that a terminal would
 * obey.
 */
export function createLog(options: LogOptions): Log {
  const clean = (line: string) => withoutSecrets(line, options.secrets());
  const settings = { level: options.level, base: null };
  if (!options.forPeople)
    return pino(
      { ...settings, timestamp: pino.stdTimeFunctions.isoTime },
      { write: (line: string) => options.write(escaped(clean(line))) },
    );
  const people = pretty.prettyFactory({
    colorize: options.color,
    // Yellow and cyan, which are usual, are hard to read on a light background.
    customColors: { message: 'reset', info: 'bold', warn: 'magenta', error: 'red', debug: 'dim' },
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname',
    singleLine: true,
    // The text is sufficient for people; the fields are for programs, and for level debug.
    hideObject: options.level !== 'debug',
    messageFormat: (line, messageKey) => {
      const { err } = line as { err?: { message?: string } };
      return err?.message === undefined ? String(line[messageKey]) : `${line[messageKey]} (${err.message})`;
    },
  });
  // Remove secrets while the line is JSON, because the text for people is escaped differently. Without its fields a
  // line has no line break.
  return pino(settings, { write: (line: string) => options.write(`${people(shownFields(clean(line))).trimEnd()}\n`) });
}

/** A log that drops its lines, for tests that do not check them. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
