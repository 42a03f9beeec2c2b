/**
 * What of CEL a condition may use. Left out is what costs more than its length suggests (loops, `cel.bind`, `split`,
 * `join`, time zones by name) and what no condition needs (`type`, `dyn`, bytes).
 */

/** Functions: `size(object.tags)`. `has` is a macro without a loop, and the only way to ask for a missing column. */
export const functions = new Set(['has', 'size', 'int', 'double', 'string', 'bool', 'timestamp', 'duration']);

/** Methods with the numbers of arguments they take: `object.title.contains("x")`. */
export const methods: ReadonlyMap<string, readonly number[]> = new Map([
  ['contains', [1]],
  ['startsWith', [1]],
  ['endsWith', [1]],
  ['matches', [1]],
  ['lowerAscii', [0]],
  ['upperAscii', [0]],
  ['trim', [0]],
  ['size', [0]],
  ['indexOf', [1]],
  ['lastIndexOf', [1]],
  ['substring', [1, 2]],
  // Of times, always in UTC, and of durations.
  ['getFullYear', [0]],
  ['getMonth', [0]],
  ['getDate', [0]],
  ['getDayOfMonth', [0]],
  ['getDayOfWeek', [0]],
  ['getHours', [0]],
  ['getMinutes', [0]],
  ['getSeconds', [0]],
  ['getMilliseconds', [0]],
]);

/** CEL's loops, by the names that people know them by. */
export const loops = new Set(['all', 'exists', 'exists_one', 'map', 'filter', 'bind']);

/** What a condition is about: the row of one event, or how a subject stands. */
export type About = 'object' | 'subject';

/** The names that stand for something in it. */
export const namesOf: Readonly<Record<About, readonly string[]>> = {
  object: ['object', 'event'],
  subject: ['subject'],
};

/** The columns of `event`, with CEL's types. */
export const eventFields = {
  type: 'string',
  class: 'string',
  model: 'string',
  received_at: 'google.protobuf.Timestamp',
  backfilled: 'bool',
} as const;

export const limits = {
  /** UTF-16 units of an expression. */
  length: 4096,
  /** Nested or chained parts: 200 terms joined by `||` are 200 deep. */
  depth: 250,
  /** Elements of one list: `object.site_id in […]`. */
  listElements: 500,
  /** `programSize()` of all patterns of an expression together; the worst found at this size took 0.7 s on 32 kB. */
  programSize: 500,
  /** UTF-16 units that a pattern looks at; the rest of a longer text is not searched. */
  patternText: 32 * 1024,
  /** UTF-16 units that all operations on text together may go through in the worst case, some tenths of a second. */
  work: 32 * 1024 * 1024,
  /** Values in one row: list elements and keys at all depths. A row with more is not looked at. */
  rowValues: 100_000,
  /** Milliseconds that one condition may take on one event; the worst benign pattern took 6 ms on 32 kB, the first time. */
  evaluationMs: 30,
  /** Milliseconds that all conditions together may take on one event. */
  eventMs: 45,
  /** Steps of patterns (size times text), and UTF-16 units of text for all else, that end in some 10 ms at worst: they are not timed. */
  quick: { patternSteps: 400_000, work: 4 * 1024 * 1024 },
  /** Size of all different conditions together that may run on one event, in one room and in all; see `Condition.size`. */
  size: { room: 2_500, event: 10_000 },
} as const;
