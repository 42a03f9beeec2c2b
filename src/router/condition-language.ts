/**
 * The subset of CEL that conditions may use. Left out are functions that cost more than their length suggests (loops,
 * `cel.bind`, `split`, `join`, time zones by name) and those that no condition needs (`type`, `dyn`, bytes).
 */

/** Functions: `size(object.tags)`. `has` is a macro without a loop, and the only way to test for a missing column. */
export const functions = new Set(['has', 'size', 'int', 'double', 'string', 'bool', 'timestamp', 'duration']);

/** Methods with their numbers of arguments: `object.title.contains("x")`. */
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
  // Methods of times, always in UTC, and of durations.
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

/** The names of CEL's loops. */
export const loops = new Set(['all', 'exists', 'exists_one', 'map', 'filter', 'bind']);

/** The values of a condition: the row of one event (and the state of its subject), or the state of a subject alone. */
export type About = 'object' | 'subject';

/** The top-level names in a condition. */
export const namesOf: Readonly<Record<About, readonly string[]>> = {
  object: ['object', 'event', 'subject'],
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
  /** UTF-16 units of a text in which a pattern searches; the rest is ignored. */
  patternText: 32 * 1024,
  /** UTF-16 units that all operations on text may read in the worst case, which takes some tenths of a second. */
  work: 32 * 1024 * 1024,
  /** Values in one row: list elements and keys at all depths. A row with more is not evaluated. */
  rowValues: 100_000,
  /** Time for one condition on one event, ms; the worst benign pattern took 6 ms on 32 kB, the first time. */
  evaluationMs: 30,
  /** Time for all conditions on one event, ms. */
  eventMs: 45,
  /**
   * Steps of patterns (size times text), and UTF-16 units of other text, that take some 10 ms at worst, so conditions
   * below them are not timed.
   */
  quick: { patternSteps: 400_000, work: 4 * 1024 * 1024 },
  /** Total size of all different conditions that may run on one event, in one room and in all; see `Condition.size`. */
  size: { room: 2_500, event: 10_000 },
} as const;
