import type { Catalogue } from '../catalogue/catalogue.ts';
import type { SourceKind } from '../catalogue/source-kind.ts';
import { excerpt } from '../text/excerpt.ts';
import { nearest } from '../text/nearest.ts';
import { InputError } from './input-error.ts';
import type { TextLine } from './read-lines.ts';

/** A message of the source that a line holds. */
export interface RecordedMessage {
  readonly line: number;
  /** When it came, Unix milliseconds; null: the line does not say it. */
  readonly at: number | null;
  readonly message: unknown;
  /** Something that is probably not meant; null: nothing is in doubt. */
  readonly doubt: string | null;
}

export interface ReadEventOptions {
  readonly kind: Pick<SourceKind, 'decode' | 'example'>;
  readonly catalogue: Catalogue;
}

const example = '{"event_type":"create","event_class":"Post","object":{"id":1}}';

/**
 * Reads a line: a message of the source as JSON, alone, with the time `at` beside its keys, or as the `message` of an
 * object (as a frame of Action Cable has it). Throws an `InputError` if it holds none.
 */
export function readEvent({ number: line, text }: TextLine, options: ReadEventOptions): RecordedMessage {
  const value = parsed(line, text);
  const { at: written, message } = unwrapped(value);
  const at = timeOf(line, written);
  const { kind, catalogue } = options;
  const read = kind.decode(message, { source: 'file', receivedAt: 0, origin: 'live', catalogue, siteOf: () => null });
  switch (read.outcome) {
    case 'event':
      return { line, at, message, doubt: doubtOf(read.event.class, catalogue) };
    case 'ignored':
      throw new InputError(line, 'is a message that Lookout does not request', `write an event: ${example}`);
    case 'malformed':
      throw new InputError(line, `is not an event: ${read.reason}`, `write it as the source sends it: ${example}`);
    default:
      return read satisfies never;
  }
}

function parsed(line: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (err) {
    const reason = err instanceof Error ? excerpt(err.message, 120) : 'it cannot be parsed';
    throw new InputError(line, `is not JSON: ${reason}`, `write one event in each line: ${example}`);
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function unwrapped(value: unknown): { readonly at: unknown; readonly message: unknown } {
  if (!isRecord(value)) return { at: undefined, message: value };
  const { at, ...rest } = value;
  const isWrapped = 'message' in rest && Object.keys(rest).every((key) => key === 'message' || key === 'identifier');
  return { at, message: isWrapped ? rest.message : rest };
}

function timeOf(line: number, written: unknown): number | null {
  if (written === undefined || written === null) return null;
  const at = typeof written === 'string' ? Date.parse(written) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new InputError(line, 'has an "at" that is not a time', 'write it as "2026-11-29T13:50:40.123Z"');
}

/** Returns a doubt about a class that the catalogue does not know. */
function doubtOf(name: string, catalogue: Catalogue): string | null {
  if (catalogue.byClass(name) !== undefined) return null;
  const classes = catalogue.names.flatMap((model) => {
    const known = catalogue.model(model);
    return known?.isSent === true ? [known.class] : [];
  });
  const meant = nearest(name, classes);
  return `the class ${JSON.stringify(name)} is not known${meant === null ? '' : `: did you mean ${JSON.stringify(meant)}?`}`;
}
