import type { Catalogue } from '../catalogue/catalogue.ts';
import { decode } from '../metasmoke/decode.ts';
import { excerpt } from '../text/excerpt.ts';
import { nearest } from '../text/nearest.ts';
import { sentTypes } from '../words.ts';
import { type PreparedEvent, prepareEvent } from './prepared-event.ts';
import type { WireEvent } from './wire-event.ts';

/** An error in a line sent to `POST /events` (line numbers from 1), and its correction. */
export interface EventProblem {
  readonly line: number;
  readonly wrong: string;
  readonly right: string;
}

export type ParsedEvents =
  | { readonly outcome: 'ok'; readonly events: readonly PreparedEvent[] }
  | { readonly outcome: 'problems'; readonly problems: readonly EventProblem[] };

/** Largest number of problems in one answer. More usually have the same cause. */
const maxProblems = 20;

const example = '{"event_type":"create","event_class":"Announcement","object":{"id":1,"text":"Hello"}}';

/**
 * Parses one JSON object (which may span lines) or one object per line; blank lines are skipped. Accepts all events or
 * none.
 */
export function parseEvents(text: string, catalogue: Catalogue): ParsedEvents {
  const problems: EventProblem[] = [];
  const events: PreparedEvent[] = [];
  for (const { line, parsed } of documents(text)) {
    if (problems.length >= maxProblems) break;
    const found =
      parsed.outcome === 'value' ? checkEvent(parsed.value, catalogue) : { ...notJson, wrong: parsed.reason };
    if ('right' in found) problems.push({ line, ...found });
    else if (problems.length === 0) events.push(found);
  }
  if (problems.length > 0) return { outcome: 'problems', problems };
  if (events.length > 0) return { outcome: 'ok', events };
  return {
    outcome: 'problems',
    problems: [{ line: 1, wrong: 'the body is empty', right: `send an event: ${example}` }],
  };
}

type Parsed =
  | { readonly outcome: 'value'; readonly value: unknown }
  | { readonly outcome: 'failed'; readonly reason: string };
interface Document {
  readonly line: number;
  readonly parsed: Parsed;
}
type Complaint = Omit<EventProblem, 'line'>;

const notJson: Complaint = { wrong: 'not JSON', right: 'send one JSON object, or one on each line' };

function parseJson(text: string): Parsed {
  try {
    return { outcome: 'value', value: JSON.parse(text) };
  } catch (error) {
    return { outcome: 'failed', reason: error instanceof Error ? error.message : notJson.wrong };
  }
}

function documents(text: string): readonly Document[] {
  const lines = text.split('\n').map((content, index) => ({ content, line: index + 1 }));
  const filled = lines.filter(({ content }) => content.trim() !== '');
  const first = filled[0];
  if (!first) return [];
  const each = filled.map(({ content, line }) => ({ line, parsed: parseJson(content) }));
  // If no line is valid JSON by itself, they may be one object written over several lines.
  const belongTogether = each.length > 1 && each.every(({ parsed }) => parsed.outcome === 'failed');
  return belongTogether ? [{ line: first.line, parsed: parseJson(text) }] : each;
}

function checkEvent(value: unknown, catalogue: Catalogue): PreparedEvent | Complaint {
  if (Array.isArray(value)) {
    return { wrong: 'a list', right: 'send each event as an object on its own line, without [ ] and commas' };
  }
  if (typeof value !== 'object' || value === null)
    return { wrong: 'not an object', right: `send an event: ${example}` };
  if ('identifier' in value && 'message' in value) {
    return { wrong: 'a complete frame of the socket', right: 'send only the value of "message"' };
  }
  // A recorded event has the time at which it came.
  const { event_type, event_class, object, at: _, ...others } = value as Record<string, unknown>;
  const type = sentTypes.find((known) => known === event_type);
  if (!type) {
    const right = `${didYouMean(event_type, sentTypes)}use one of ${sentTypes.join(', ')}`;
    return { wrong: `event_type is ${say(event_type)}`, right };
  }
  const model = typeof event_class === 'string' ? catalogue.byClass(event_class) : undefined;
  if (!model) {
    const classes = catalogue.names
      .flatMap((name) => catalogue.model(name) ?? [])
      .flatMap(({ isSent, class: name }) => (isSent ? [name] : []));
    const right = `${didYouMean(event_class, classes)}use a class of the API, for example "Post" or "FlagLog"`;
    return { wrong: `event_class is ${say(event_class)}`, right };
  }
  const other = Object.keys(others)[0];
  if (other !== undefined) {
    return { wrong: `unknown key ${say(other)}`, right: 'an event has only event_type, event_class and object' };
  }
  const event = { event_type: type, event_class: model.class, object: object as WireEvent['object'] };
  const decoded = decode(event, { source: 'hub', receivedAt: 0, origin: 'live', catalogue, siteOf: () => null });
  if (decoded.outcome !== 'event') {
    const wrong = decoded.outcome === 'malformed' ? decoded.reason : 'not an event';
    return { wrong, right: `send the whole row in "object", with its id: ${example}` };
  }
  return prepareEvent(event, catalogue);
}

/** Returns a value in short form; of an object or a list only its kind. */
function say(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return excerpt(JSON.stringify(value), 60);
}

function didYouMean(word: unknown, known: readonly string[]): string {
  const near = typeof word === 'string' ? nearest(word.slice(0, 60), known) : null;
  return near === null ? '' : `did you mean ${JSON.stringify(near)}? `;
}
