import type { Catalogue } from '../catalogue/catalogue.ts';
import { type EventSpec, formatEventSpec } from '../catalogue/event-spec.ts';
import { code, paragraph } from '../render/say.ts';
import type { NewMute } from '../rooms/mute-rows.ts';
import type { Condition } from '../router/condition.ts';
import { sayTooMuch, type TooMuch } from '../router/condition-budget.ts';
import type { Trx } from '../store/tables.ts';
import type { Command } from './command.ts';
import { readFilter } from './events-option.ts';
import { localTime, what } from './mute-text.ts';
import { parseUntil } from './time-phrase.ts';

/** Without a time a mute holds so long, in milliseconds. */
const byDefaultMs = 3_600_000;
/** Mutes that hold at once in a room. */
const mostMutes = 50;

export interface MuteParts {
  readonly catalogue: Catalogue;
  readonly holding: (roomId: number) => readonly unknown[];
  /** Why the conditions of a room's mutes would be too much with one more; null: they would not. */
  readonly tooMuch: (roomId: number, events: EventSpec, where: Condition | null) => TooMuch | null;
  readonly add: (trx: Trx, mute: NewMute) => Promise<unknown>;
  /** After the commit. */
  readonly changed: (roomId: number) => Promise<void> | void;
  /** The events of the subject that a message is about, to mute events like it; null if the message is not known. */
  readonly like: (roomId: number, platformId: string) => Promise<string | null>;
}

export function createMute(parts: MuteParts): Command {
  return {
    name: 'mute',
    description: 'Pause this room, or some events in it',
    who: 'changers',
    options: [
      {
        name: 'events',
        type: 'events',
        description: 'Which events; all without it',
        required: false,
        place: 'word',
      },
      {
        name: 'time',
        type: 'time',
        description: 'As for 90m, for 2 days, until 18:00, until tomorrow 9am; an hour without it',
        required: false,
        place: 'rest',
      },
      {
        name: 'where',
        type: 'where',
        description: 'Only those events for which this condition (CEL) is true',
        required: false,
        place: 'named',
      },
      { name: 'reason', type: 'text', description: 'Why, for the others', required: false, place: 'named' },
    ],
    examples: [
      'mute for 90m',
      'mute feedbacks until 18:00',
      'mute posts --where "object.is_naa" for 2 days --reason "known wave"',
    ],
    async run({ values, room, asker, about, now }) {
      const roomId = room.id;
      if (roomId === null)
        return { outcome: 'refused', say: [paragraph('This room receives nothing, so there is nothing to mute.')] };
      const given = values.events ?? (about === null ? undefined : ((await parts.like(roomId, about)) ?? undefined));
      if (about !== null && given === undefined)
        return { outcome: 'refused', say: [paragraph('Which events that message was made of is not known any more.')] };
      if (given === undefined && values.where !== undefined)
        return {
          outcome: 'refused',
          say: [paragraph('A condition needs events: ', code(`mute posts --where ${values.where}`), '.')],
        };
      const filter = given === undefined ? null : readFilter(parts.catalogue, given, values.where);
      if (filter?.outcome === 'refused') return filter;
      const time = readTime(values.time ?? '', now, room.timeZone);
      if (typeof time === 'string') return { outcome: 'refused', say: [paragraph(time)] };
      if (parts.holding(roomId).length >= mostMutes)
        return {
          outcome: 'refused',
          say: [paragraph(`${mostMutes} mutes hold here already: end one with `, code('unmute'), '.')],
        };
      const tooMuch = filter === null ? null : parts.tooMuch(roomId, filter.events, filter.condition);
      if (tooMuch !== null)
        return {
          outcome: 'refused',
          say: [
            paragraph(
              `With it, ${sayTooMuch(tooMuch, 'in the mutes of this room')}: use smaller patterns, or end one with `,
              code('unmute'),
              '.',
            ),
          ],
        };
      const events = filter === null ? null : formatEventSpec(filter.events);
      const where = filter?.where ?? null;
      const reason = values.reason ?? time.rest;
      const mute = { roomId, events, where, until: time.until, author: asker.id, reason, now };
      const until = localTime(time.until, room.timeZone);
      return {
        outcome: 'done',
        private: false,
        say: [
          paragraph(
            'Muted ',
            ...what({ events, where }),
            ` until ${until}${reason === null ? '' : ` (${reason})`}. A notice lists the muted events then. `,
            code('unmute'),
            ' ends it early.',
          ),
          ...(filter?.doubts ?? []),
        ],
        change: {
          what: `muted ${events ?? 'the whole room'}${where === null ? '' : ` where ${where}`} until ${new Date(time.until).toISOString()}${reason === null ? '' : `: ${reason}`}`,
          async apply(trx) {
            await parts.add(trx, mute);
          },
          after: () => parts.changed(roomId),
        },
      };
    },
  };
}

interface Time {
  readonly until: number;
  /** The text after the time. */
  readonly rest: string | null;
}

/** Anything else is a reason. */
const beginsAsTime =
  /^(?:for\s|until\s|till\s|in\s+\d|-?\d|(?:today|tonight|tomorrow|noon|midnight|(?:next\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b)/i;
/** Not a reason for a mute, but a time that was not understood. */
const belongsToTime = /^(?:\d|until\b|till\b|for\s+\d|ago\b)/i;

/** A condition without its dashes: as a reason it would mute what it was meant to leave alone. */
const isCondition = /(?:^|\s)where\s+\S*\bobject\b/i;

/** `for 2h too noisy`: the longest beginning that is a time, and the rest as the reason. A text is what is wrong. */
function readTime(text: string, now: number, timeZone: string): Time | string {
  if (text === '') return { until: now + byDefaultMs, rest: null };
  if (isCondition.test(text))
    return `"${text}" is not a time, and would be the reason: write --where "<condition>" for a condition`;
  const words = text.split(/\s+/).slice(0, 40);
  if (!beginsAsTime.test(text)) return { until: now + byDefaultMs, rest: text };
  let wrong: string | null = null;
  for (let count = Math.min(words.length, 8); count > 0; count--) {
    const read = parseUntil(words.slice(0, count).join(' '), now, timeZone);
    const rest = words.slice(count).join(' ');
    if (read.outcome === 'until' && belongsToTime.test(rest)) return `"${text}" is not a time: ${rest} is too much`;
    if (read.outcome === 'until') return { until: read.until, rest: rest || null };
    wrong ??= `${read.wrong}: ${read.right}`;
  }
  return wrong ?? `"${text}" is not a time`;
}
