import { pino } from 'pino';
import pretty from 'pino-pretty';
import type { Secret } from './secrets/secret.ts';
import { withoutSecrets } from './secrets/without-secrets.ts';
import { escaped } from './text/printed.ts';
import { shown, shownLine } from './text/shown.ts';

/** What a log line carries beside its text; the words of `words.ts` as keys. `err` takes an Error. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The few methods of a logger that Lookout uses. */
export interface Log {
  debug(fields: LogFields, text: string): void;
  info(fields: LogFields, text: string): void;
  warn(fields: LogFields, text: string): void;
  error(fields: LogFields, text: string): void;
}

export interface LogOptions {
  /** Where the lines go: standard error, or a test's ear. */
  readonly write: (line: string) => void;
  /** Lines for people (a terminal) instead of JSON, one object a line. */
  readonly forPeople: boolean;
  /** Whether lines for people are coloured. */
  readonly color: boolean;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Values that are cut out of every line, whatever field or error they hide in. Read anew for each line. */
  readonly secrets: () => readonly Secret[];
}

/**
 * A line for programs with everything in its shown form, for people: what others wrote must not move the cursor, hide, or
 * begin a line of its own. A stack has lines, which are printed with an indent.
 */
function shownFields(json: string): object {
  return JSON.parse(json, (key, value: unknown) => {
    if (typeof value === 'string') return key === 'stack' ? shown(value) : shownLine(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [shownLine(name), field]));
  }) as object;
}

/** A log that writes whole lines through `write`, knows what it must not say, and gives a terminal nothing to obey. */
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
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname',
    singleLine: true,
    // The text says it all; the fields are for programs, and for whoever asks for debug.
    hideObject: options.level !== 'debug',
    messageFormat: (line, messageKey) => {
      const { err } = line as { err?: { message?: string } };
      return err?.message === undefined ? String(line[messageKey]) : `${line[messageKey]} (${err.message})`;
    },
  });
  // Cleaned while it is JSON: what is printed for people is escaped in ways of its own. Without its fields a line has no end.
  return pino(settings, { write: (line: string) => options.write(`${people(shownFields(clean(line))).trimEnd()}\n`) });
}

/** A log that says nothing, for tests that listen to something else. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
