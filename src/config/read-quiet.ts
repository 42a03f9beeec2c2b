import type { Catalogue } from '../catalogue/catalogue.ts';
import { formatEventSpec, parseEventSpec, type TextProblem } from '../catalogue/event-spec.ts';
import { type HoursOfDay, type Weekday, weekdays } from '../time/quiet-hours.ts';
import type { QuietRule } from './config.ts';
import { type Context, textError } from './context.ts';
import { readKeys } from './key.ts';
import { parseDays, parseHours } from './parse-quiet-hours.ts';
import { readTimeZone } from './read-time-zone.ts';
import { quietKey, quietKeys } from './room-keys.ts';
import { getList, type Mapping, type Text } from './tree.ts';

/** The parts of a room that its quiet hours refer to. */
interface OfRoom {
  readonly timeZone: string;
  readonly catalogue: Catalogue;
}

/** Reads `rooms.*.quiet`. What is wrong is reported, and that item left out. */
export function readQuiet(context: Context, room: Mapping | null, ofRoom: OfRoom): readonly QuietRule[] {
  return quietKey(context.inputs[0])
    .read(context, room, 'quiet')
    .flatMap((item) => {
      switch (item.kind) {
        case 'text':
          return readHours(context, [item]).map((hours) => ({
            ...hours,
            ...{ days: weekdays, timeZone: ofRoom.timeZone, events: null, except: null },
          }));
        case 'map':
          return readRules(context, item, ofRoom);
        default:
          // It was reported when the shape was checked.
          return [];
      }
    });
}

function readRules(context: Context, map: Mapping, { timeZone, catalogue }: OfRoom): readonly QuietRule[] {
  const { at, days, timezone, events, except } = readKeys(context, map, quietKeys(context.inputs[0]));
  for (const key of ['at', 'days'])
    if (getList(map, key)?.items.length === 0)
      context.report.error(getList(map, key)!.offset, `"${key}" is empty`, `name one, or remove the key`);
  const hours = readHours(context, at);
  const begins = days.length === 0 ? weekdays : readDays(context, days);
  const zone = timezone === null ? timeZone : readTimeZone(context, timezone);
  const held = readEvents(context, events, catalogue);
  const sent = readEvents(context, except, catalogue);
  if (begins === null || zone === null || held === 'wrong' || sent === 'wrong') return [];
  return hours.map((each) => ({ ...each, days: begins, timeZone: zone, events: held, except: sent }));
}

function readHours(context: Context, texts: readonly Text[]): readonly HoursOfDay[] {
  return texts.flatMap((text) => {
    const parsed = parseHours(text.value);
    if (parsed.outcome === 'hours') return [parsed.hours];
    reportProblem(context, text, parsed.problem);
    return [];
  });
}

/** Returns the days of all texts together; null if one of them is wrong. */
function readDays(context: Context, texts: readonly Text[]): readonly Weekday[] | null {
  const parsed = texts.map((text) => ({ text, days: parseDays(text.value) }));
  let isWrong = false;
  const named = new Set<Weekday>();
  for (const { text, days } of parsed) {
    if (days.outcome === 'problem') {
      isWrong = true;
      reportProblem(context, text, days.problem);
    } else for (const day of days.days) named.add(day);
  }
  return isWrong ? null : weekdays.filter((day) => named.has(day));
}

/** Reads an event spec as the store keeps it; null: none is written. */
function readEvents(context: Context, text: Text | null, catalogue: Catalogue): string | null | 'wrong' {
  if (text === null) return null;
  const parsed = parseEventSpec(text.value, catalogue);
  if (parsed.outcome === 'ok') return formatEventSpec(parsed.spec);
  for (const problem of parsed.problems) reportProblem(context, text, problem);
  return 'wrong';
}

function reportProblem(context: Context, text: Text, { offset, wrong, right }: TextProblem): void {
  textError(context, text, offset, wrong, right);
}
