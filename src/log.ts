import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Secret } from './secrets/secret.ts';
import { withoutSecrets } from './secrets/without-secrets.ts';
import { excerpt } from './text/excerpt.ts';
import { escaped } from './text/printed.ts';
import { shown, shownLine } from './text/shown.ts';

/** Number of the last warnings and errors that are kept for `lookout doctor`, and the length of each, UTF-16 units. */
const MOST_TROUBLES = 200;
const TROUBLE_UNITS = 2_000;

/** The fields of a log line besides its text, with the words of `words.ts` as keys. `err` takes an Error. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Returns an event's name in log lines, by its id in the store: `e12`, as in `lookout outbox list`. */
export const eventTag = (id: number): string => `e${id}`;

/** The few methods of a logger that Lookout uses. */
export interface Log {
  debug(fields: LogFields, text: string): void;
  info(fields: LogFields, text: string): void;
  warn(fields: LogFields, text: string): void;
  error(fields: LogFields, text: string): void;
}

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export const isLogLevel = (value: unknown): value is LogLevel => logLevels.some((level) => level === value);

/** The level of the lines about messages that went out. */
export type SentLevel = Extract<LogLevel, 'debug' | 'info'>;

/** Control over a running log. The least level of the lines that it writes may change at any time. */
export interface LogLevelSwitch {
  level(): LogLevel;
  setLevel(level: LogLevel): void;
  /** `info` for people, `debug` for programs, which would get a line for each message. */
  readonly sentLevel: SentLevel;
  /** Returns the last warnings and errors as JSON lines without secrets, oldest first. */
  lastTroubles(): readonly string[];
}

export interface LogOptions {
  /** Writes a line to standard error, or to a test. */
  readonly write: (line: string) => void;
  /** Lines for people (a terminal) instead of JSON, one object per line. */
  readonly forPeople: boolean;
  /** Colours lines for people. */
  readonly color: boolean;
  /** The level at first. */
  readonly level: LogLevel;
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
export function createLog(options: LogOptions): Log & LogLevelSwitch {
  const troubles: string[] = [];
  const clean = (line: string) => {
    const cleaned = withoutSecrets(line, options.secrets());
    // pino begins each line with its level: 40 is a warning.
    if (/^\{"level":[456]0,/.test(cleaned)) troubles.push(excerpt(cleaned.trimEnd(), TROUBLE_UNITS));
    if (troubles.length > MOST_TROUBLES) troubles.shift();
    return cleaned;
  };
  const logger = options.forPeople ? createForPeople(options, clean) : createForPrograms(options, clean);
  return {
    debug: (fields, text) => logger.debug(fields, text),
    info: (fields, text) => logger.info(fields, text),
    warn: (fields, text) => logger.warn(fields, text),
    error: (fields, text) => logger.error(fields, text),
    level: () => logger.level as LogLevel,
    sentLevel: options.forPeople ? 'info' : 'debug',
    lastTroubles: () => [...troubles],
    setLevel(level) {
      logger.level = level;
    },
  };
}

/** Removes secrets from a JSON line. */
type Clean = (line: string) => string;

function createForPrograms(options: LogOptions, clean: Clean): Logger {
  return pino(
    { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => options.write(escaped(clean(line))) },
  );
}

function createForPeople(options: LogOptions, clean: Clean): Logger {
  // The text is sufficient for people; the fields are for programs, and for level debug.
  const plain = linesForPeople(options, 'withoutFields');
  const full = linesForPeople(options, 'withFields');
  const logger = pino(
    { level: options.level, base: null },
    {
      write(line: string) {
        // Remove secrets while the line is JSON, because the text for people is escaped differently. Without its
        // fields a line has no line break.
        const toText = logger.level === 'debug' ? full : plain;
        options.write(`${toText(shownFields(clean(line))).trimEnd()}\n`);
      },
    },
  );
  return logger;
}

function linesForPeople({ color }: LogOptions, fields: 'withFields' | 'withoutFields') {
  return pretty.prettyFactory({
    colorize: color,
    // Yellow and cyan, which are usual, are hard to read on a light background.
    customColors: { message: 'reset', info: 'bold', warn: 'magenta', error: 'red', debug: 'dim' },
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname',
    singleLine: true,
    hideObject: fields === 'withoutFields',
    messageFormat: (line, messageKey) => {
      const { err } = line as { err?: { message?: string } };
      return err?.message === undefined ? String(line[messageKey]) : `${line[messageKey]} (${err.message})`;
    },
  });
}

/** A log that drops its lines, for tests that do not check them. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** The level of the log that drops its lines. */
export const silentLevel: LogLevelSwitch = {
  level: () => 'error',
  setLevel() {},
  sentLevel: 'debug',
  lastTroubles: () => [],
};
