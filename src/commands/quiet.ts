import type { Catalogue } from '../catalogue/catalogue.ts';
import { formatEventSpec, type TextProblem } from '../catalogue/event-spec.ts';
import { formatDays, formatHours, parseDays, parseHours } from '../config/parse-quiet-hours.ts';
import { parseTimeZone } from '../config/read-time-zone.ts';
import { paragraph, typed } from '../render/say.ts';
import type { RoomSubscription } from '../rooms/live-subscriptions.ts';
import type { NewQuiet, RoomQuiet } from '../rooms/quiet-rules.ts';
import type { Trx } from '../store/tables.ts';
import { type QuietHours, quietUntil, weekdays } from '../time/quiet-hours.ts';
import { type Call, type Command, type Outcome, offer, type Refused, refused } from './command.ts';
import { exceptsAll, pointAt, readException, readFilter } from './events-option.ts';
import { wallMoment } from './mute-text.ts';
import { hoursAndEvents, quietText } from './quiet-text.ts';

/** Largest number of quiet hours that a room may have, those of the configuration included. */
const mostQuiet = 20;

export interface QuietParts {
  readonly catalogue: Catalogue;
  readonly quietOf: (roomId: number) => readonly RoomQuiet[];
  /** The subscriptions of a room. */
  readonly subscriptions: (address: string) => readonly RoomSubscription[];
  /** Returns the id of the quiet hours. */
  readonly addQuiet: (trx: Trx, quiet: NewQuiet) => Promise<number>;
  /** Called after the commit. */
  readonly quietChanged: () => Promise<void>;
}

/** The command as it appears in lists and help. */
const described = {
  name: 'quiet',
  description: 'Mute this room, or some events in it, at the same hours of each day or weekday',
  who: 'changers',
  options: [
    { name: 'hours', type: 'hours', description: 'As 22:00-07:00', required: true, place: 'word' },
    {
      name: 'days',
      type: 'days',
      description: 'The weekdays on which they begin, as mon-fri or sat,sun; every day without it',
      required: false,
      place: 'rest',
    },
    { name: 'events', type: 'events', description: 'Which events; all without it', required: false, place: 'named' },
    {
      name: 'except',
      type: 'events',
      description: 'Events that are sent all the same, as posts#autoflagged_false_positive',
      required: false,
      place: 'named',
    },
    {
      name: 'timezone',
      type: 'timezone',
      description: 'The time zone of these hours, as Europe/Berlin; the room’s without it',
      required: false,
      place: 'named',
    },
  ],
  examples: ['quiet 22:00-07:00', 'quiet 22:00-07:00 sun-thu --except posts#autoflagged_false_positive'],
} satisfies Omit<Command, 'run'>;

export const createQuiet = (parts: QuietParts): Command => ({ ...described, run: (call) => quiet(parts, call) });

function quiet(parts: QuietParts, { values, room, asker, now }: Call): Outcome {
  const roomId = room.id;
  if (roomId === null) return refused(paragraph('This room receives nothing, so nothing can be held back.'));
  const time = readTime(values, room.timeZone);
  if (time.outcome === 'refused') return time;
  const filter =
    values.events === undefined ? null : readFilter({ ...parts, sites: () => [] }, values.events, undefined);
  if (filter?.outcome === 'refused') return filter;
  const exception = readException(parts.catalogue, values.except, parts.subscriptions(room.address));
  if (exception.outcome === 'refused') return exception;
  if (filter !== null && exceptsAll(filter.events, exception))
    return refused(paragraph('Nothing would be muted: the exception names all of these events. Nothing was changed.'));
  const events = filter === null ? null : formatEventSpec(filter.events);
  const added = { ...time.hours, events, except: exception.except };
  const [hours, days] = [formatHours(added), formatDays(added.days)];
  const until = quietUntil([added], now + room.wallAheadMs);
  const full = refusalOfOneMore(parts.quietOf(roomId), added);
  if (full !== null) return full;
  let id = 0;
  return {
    outcome: 'done',
    private: false,
    say: [],
    change: {
      what: `made quiet hours ${hours} ${days} of ${events ?? 'the whole room'}${added.except === null ? '' : ` except ${added.except}`}`,
      async apply(trx) {
        const { except } = added;
        const timeZone = time.isOfRoom ? null : added.timeZone;
        id = await parts.addQuiet(trx, { roomId, hours, days, timeZone, events, except, author: asker.id, now });
      },
      reply: () => ({
        say: [
          paragraph(
            ...['Quiet hours: ', ...hoursAndEvents(added), '. '],
            ...(until === null ? [] : ['They hold now, until ', wallMoment(until, room.timeZone), '. ']),
            ...[typed(`unquiet q${id}`), ' ends them.'],
          ),
          ...exception.doubts,
        ],
        offers: offer('Undo', `unquiet q${id}`),
      }),
      after: () => parts.quietChanged(),
    },
  };
}

interface Time {
  readonly outcome: 'ok';
  readonly hours: QuietHours;
  /** True if the command names no time zone. */
  readonly isOfRoom: boolean;
}

function readTime(values: Call['values'], ofRoom: string): Time | Refused {
  const { hours: hoursText = '', days: daysText, timezone } = values;
  const [first, second] = `${hoursText} ${daysText ?? ''}`.match(stretches) ?? [];
  if (first !== undefined && second !== undefined) {
    const each = [typed(`quiet ${first}`), ', then ', typed(`quiet ${second}`)];
    return refused(paragraph('One stretch for each command: ', ...each, '.'));
  }
  const hours = parseHours(hoursText);
  if (hours.outcome === 'problem') return refusedAt(hoursText, hours.problem);
  const days = daysText === undefined ? null : parseDays(daysText);
  if (days?.outcome === 'problem') return refusedAt(daysText ?? '', days.problem);
  const zone = timezone === undefined ? null : parseTimeZone(timezone);
  if (zone?.outcome === 'problem') return refusedAt(timezone ?? '', zone.problem);
  const read = { ...hours.hours, days: days?.days ?? weekdays, timeZone: zone?.zone ?? ofRoom };
  return { outcome: 'ok', hours: read, isOfRoom: zone === null };
}

const stretches = /\d{1,2}:\d{2}\s*[-–]\s*\d{1,2}:\d{2}/g;

const refusedAt = (text: string, problem: TextProblem): Refused => refused(...pointAt(text, problem));

/** Returns the refusal if the room has these quiet hours already, or may not have more. */
function refusalOfOneMore(known: readonly RoomQuiet[], added: Omit<RoomQuiet, 'stored'>): Refused | null {
  const isSame = ({ stored: _, ...one }: RoomQuiet) => JSON.stringify(sorted(one)) === JSON.stringify(sorted(added));
  const same = known.find(isSame);
  if (same !== undefined)
    return refused(
      paragraph('This room has those quiet hours already: ', ...quietText(same), '. Nothing was changed.'),
    );
  if (known.length < mostQuiet) return null;
  return refused(paragraph(`This room has ${mostQuiet} quiet hours already: end some with `, typed('unquiet'), '.'));
}

const sorted = ({ fromMinute, toMinute, days, timeZone, events, except }: Omit<RoomQuiet, 'stored'>) => [
  ...[fromMinute, toMinute, days, timeZone, events, except],
];
