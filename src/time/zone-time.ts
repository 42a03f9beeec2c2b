/** A local date and time. */
export interface WallTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const numeric = 'numeric';
  const fields = {
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  } as const;
  const made = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', { timeZone, hourCycle: 'h23', ...fields });
  formats.set(timeZone, made);
  return made;
}

/** Zones change their clocks at whole quarters of an hour in UTC: https://www.iana.org/time-zones */
const quarterMs = 900_000;
/** Number of quarters of an hour of a zone that are remembered. */
const mostQuarters = 1_000;
/** The offsets of each zone, by the quarter of an hour. Reading a date from a format takes 10 µs. */
const offsets = new Map<string, Map<number, number>>();

/** Returns how far a zone's clocks are ahead of UTC at an instant (Unix milliseconds), in whole milliseconds. */
export function offsetMs(at: number, timeZone: string): number {
  let ofZone = offsets.get(timeZone);
  if (ofZone === undefined) {
    ofZone = new Map();
    offsets.set(timeZone, ofZone);
  }
  const quarter = Math.floor(at / quarterMs);
  const known = ofZone.get(quarter);
  if (known !== undefined) return known;
  if (ofZone.size >= mostQuarters) ofZone.clear();
  const found = readOffset(at, timeZone);
  ofZone.set(quarter, found);
  return found;
}

function readOffset(at: number, timeZone: string): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

/** Returns the local time of a zone at an instant. */
export function wallTime(at: number, timeZone: string): WallTime {
  const shown = new Date(at + offsetMs(at, timeZone));
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
  };
}

/**
 * Returns the instant of a local time in a zone (Unix milliseconds). Of a time that occurs twice, returns the first; a
 * time that is skipped in spring is converted as if the clocks had not been changed yet. Days and minutes beyond their
 * range carry over.
 */
export function instantOf({ year, month, day, hour, minute }: WallTime, timeZone: string): number {
  const asUtc = Date.UTC(year, month - 1, day, hour, minute);
  // No zone changes its clocks twice within a day.
  const before = asUtc - offsetMs(asUtc - 86_400_000, timeZone);
  const after = asUtc - offsetMs(asUtc + 86_400_000, timeZone);
  if (before + offsetMs(before, timeZone) === asUtc) return before;
  return after + offsetMs(after, timeZone) === asUtc ? after : before;
}
