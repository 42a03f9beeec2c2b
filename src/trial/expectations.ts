import { isMap, isScalar, isSeq, LineCounter, type Node, type ParsedNode, parseDocument } from 'yaml';
import type { ExplainedEvent } from './explanation.ts';

/** The rooms that some events are to reach. */
export interface Expectation {
  /** Its line in the file, from 1. */
  readonly place: number;
  /** The events that it is about; null: any. */
  readonly line: number | null;
  readonly event: string | null;
  readonly subject: string | null;
  /** The template in each room that gets them; null: any. */
  readonly rooms: ReadonlyMap<string, string | null>;
}

/** A mistake in a file of expectations. */
export interface ExpectationProblem {
  readonly line: number;
  readonly column: number;
  readonly wrong: string;
  readonly right: string;
}

export type ReadExpectations =
  | { readonly outcome: 'ok'; readonly expectations: readonly Expectation[] }
  | { readonly outcome: 'problems'; readonly problems: readonly ExpectationProblem[] };

const example = 'for example `- { line: 1, rooms: [smoke] }`';
const keys = ['line', 'event', 'subject', 'rooms'];

/** Reads a list of expectations in YAML. `isRoom`: returns null for the name of a room, else what is wrong with it. */
export function readExpectations(text: string, isRoom: (name: string) => string | null): ReadExpectations {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const problems: ExpectationProblem[] = document.errors.map(({ pos: [at], message }) => {
    const { line, col } = lines.linePos(at);
    return { line, column: col, wrong: message.replace(/ at line \d+[\s\S]*/, ''), right: example };
  });
  const report = (node: Node | null, wrong: string, right: string) => {
    const { line, col } = lines.linePos(node?.range?.[0] ?? 0);
    problems.push({ line, column: col, wrong, right });
  };
  const expectations: Expectation[] = [];
  const { contents } = document;
  if (problems.length > 0) return { outcome: 'problems', problems };
  if (!isSeq<ParsedNode>(contents) || contents.items.length === 0)
    report(contents, 'this is not a list of expectations', example);
  else
    for (const item of contents.items) {
      const read = readOne(item, isRoom, report);
      if (read !== null) expectations.push({ place: lines.linePos(item.range?.[0] ?? 0).line, ...read });
    }
  return problems.length > 0 ? { outcome: 'problems', problems } : { outcome: 'ok', expectations };
}

type Report = (node: Node | null, wrong: string, right: string) => void;

function readOne(
  item: ParsedNode,
  isRoom: (name: string) => string | null,
  report: Report,
): Omit<Expectation, 'place'> | null {
  if (!isMap<ParsedNode, ParsedNode | null>(item)) {
    report(item, 'this is not an expectation', example);
    return null;
  }
  const written = new Map(item.items.map(({ key, value }) => [isScalar(key) ? String(key.value) : '', { key, value }]));
  for (const [name, { key }] of written)
    if (!keys.includes(name)) report(key, `unknown key "${name}"`, `keys are ${keys.join(', ')}`);
  const scalar = (name: string) => {
    const node = written.get(name)?.value;
    return isScalar(node) ? node.value : null;
  };
  const line = scalar('line');
  if (written.has('line') && !(typeof line === 'number' && Number.isInteger(line) && line > 0))
    report(written.get('line')?.value ?? item, '"line" is not the number of a line', 'count from 1');
  const text = (name: string) => {
    const value = scalar(name);
    if (written.has(name) && typeof value !== 'string')
      report(
        written.get(name)?.value ?? item,
        `"${name}" is not a text`,
        name === 'event' ? 'for example posts#create' : 'for example post:123',
      );
    return typeof value === 'string' ? value : null;
  };
  const [event, subject] = [text('event'), text('subject')];
  if (!['line', 'event', 'subject'].some((name) => written.has(name)))
    report(item, 'it does not say which events it is about', 'add "line:", "event:" or "subject:"');
  const rooms = readRooms(item, written.get('rooms')?.value ?? null, isRoom, report);
  return { line: typeof line === 'number' ? line : null, event, subject, rooms };
}

function readRooms(
  item: ParsedNode,
  node: ParsedNode | null,
  isRoom: (name: string) => string | null,
  report: Report,
): Expectation['rooms'] {
  const rooms = new Map<string, string | null>();
  const add = (key: ParsedNode | null, template: string | null) => {
    const name = isScalar(key) ? String(key.value) : '';
    const wrong = isRoom(name);
    if (wrong !== null) report(key, `unknown room "${name}"`, wrong);
    rooms.set(name, template);
  };
  if (isSeq<ParsedNode>(node)) for (const one of node.items) add(one, null);
  else if (isMap<ParsedNode, ParsedNode | null>(node))
    for (const { key, value } of node.items)
      add(key, isScalar(value) && typeof value.value === 'string' ? value.value : null);
  else
    report(
      node ?? item,
      '"rooms" is missing, or is not a list',
      'write the rooms that get the events; [] if none does',
    );
  return rooms;
}

/** A difference between an expectation and an event. */
export interface Difference {
  /** The line of the expectation. */
  readonly place: number;
  /** Null: no event is like that. */
  readonly event: ExplainedEvent | null;
  readonly rooms: readonly RoomDifference[];
}

export type RoomDifference =
  | { readonly kind: 'missing' | 'unexpected'; readonly room: string }
  | { readonly kind: 'template'; readonly room: string; readonly expected: string; readonly actual: string };

/** Returns what differs from the expectations. */
export function compare(
  expectations: readonly Expectation[],
  events: readonly ExplainedEvent[],
): readonly Difference[] {
  return expectations.flatMap((expected): Difference[] => {
    const { line, event, subject, place } = expected;
    const meant = events.filter(
      (one) =>
        (line === null || one.line === line) &&
        // The events that are derived of a line are named by their type.
        (event === null ? line === null || one.origin !== 'derived' : one.event === event) &&
        (subject === null || one.subject === subject),
    );
    if (meant.length === 0) return [{ place, event: null, rooms: [] }];
    return meant.flatMap((one) => {
      const rooms = differences(expected, one);
      return rooms.length === 0 ? [] : [{ place, event: one, rooms }];
    });
  });
}

function differences({ rooms }: Expectation, { rooms: explained }: ExplainedEvent): readonly RoomDifference[] {
  const got = new Map(explained.filter(({ gets }) => gets).map(({ room, by }) => [room, by?.template ?? '']));
  const missing = [...rooms.keys()].filter((room) => !got.has(room));
  const unexpected = [...got.keys()].filter((room) => !rooms.has(room));
  const templates = [...rooms].flatMap(([room, expected]): RoomDifference[] => {
    const actual = got.get(room);
    return expected === null || actual === undefined || actual === expected
      ? []
      : [{ kind: 'template', room, expected, actual }];
  });
  return [
    ...missing.map((room) => ({ kind: 'missing' as const, room })),
    ...unexpected.map((room) => ({ kind: 'unexpected' as const, room })),
    ...templates,
  ];
}
