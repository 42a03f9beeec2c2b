import type { Catalogue } from '../catalogue/catalogue.ts';
import { type EventSpec, formatEventSpec } from '../catalogue/event-spec.ts';
import type { Block } from '../render/message.ts';
import { code, paragraph, typed } from '../render/say.ts';
import { type ActiveMute, quietHours } from '../rooms/active-mute.ts';
import type { RoomSubscription } from '../rooms/live-subscriptions.ts';
import type { NewMute } from '../rooms/mute-rows.ts';
import type { Condition } from '../router/condition.ts';
import { sayTooMuch, type TooMuch } from '../router/condition-budget.ts';
import type { Trx } from '../store/tables.ts';
import { excerpt } from '../text/excerpt.ts';
import { type Call, type Change, type Command, type Outcome, offer, type Refused, refused } from './command.ts';
import type { CommandRoom } from './command-room.ts';
import { exceptsAll, type Filter, type FilterParts, readException, readFilter } from './events-option.ts';
import { localTime, moment, muteText, what } from './mute-text.ts';
import { readMuteTime } from './mute-time.ts';

/** Largest number of mutes that a room may have at once. */
const mostMutes = 50;

export interface MuteParts extends FilterParts {
  readonly holding: (roomId: number) => readonly ActiveMute[];
  /** The subscriptions of a room. */
  readonly subscriptions: (address: string) => readonly RoomSubscription[];
  /** Why the conditions of a room's mutes would be too much with one more; null: they would not. */
  readonly tooMuch: (roomId: number, events: EventSpec, where: Condition | null) => TooMuch | null;
  /** Returns the id of the mute. */
  readonly add: (trx: Trx, mute: NewMute) => Promise<number>;
  /** Moves the end of a mute; a reason that is not null takes the place of its own. Returns false if the mute has ended. */
  readonly extend: (trx: Trx, id: number, until: number, reason: string | null) => Promise<boolean>;
  /** Returns true if a line in this room can be for the room of that name, in any case: `/hq mute`. */
  readonly isRoom: (name: string, here: CommandRoom) => boolean;
  /** After the commit. */
  readonly changed: (roomId: number) => Promise<void> | void;
  /** The events of the subject that a message is about, to mute events like it; null if the message is not known. */
  readonly like: (roomId: number, platformId: string) => Promise<string | null>;
}

/** The command as it appears in lists and help. */
const described = {
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
    {
      name: 'except',
      type: 'events',
      description: 'Events that are sent all the same, as posts#autoflagged_false_positive',
      required: false,
      place: 'named',
    },
    {
      name: 'reason',
      type: 'text',
      description: 'Why, for the others; in quotes it may also stand at the end',
      required: false,
      place: 'named',
    },
  ],
  examples: [
    'mute for 90m',
    'mute posts for 2h "spam wave"',
    'mute feedbacks until 18:00',
    'mute for 8h --except posts#autoflagged_false_positive',
    'mute posts --where "object.is_naa" for 2 days --reason "known wave"',
  ],
} satisfies Omit<Command, 'run'>;

export const createMute = (parts: MuteParts): Command => ({ ...described, run: (call) => mute(parts, call) });

async function mute(parts: MuteParts, call: Call): Promise<Outcome> {
  const { values, room, now } = call;
  const roomId = room.id;
  if (roomId === null) return refused(paragraph('This room receives nothing, so there is nothing to mute.'));
  const whole = refusalOfWhole(parts, call);
  if (whole !== null) return whole;
  const scope = await readScope(parts, roomId, call);
  if (scope.outcome === 'refused') return scope;
  const exception = readException(parts.catalogue, values.except, parts.subscriptions(room.address));
  if (exception.outcome === 'refused') return exception;
  const { except } = exception;
  if (scope.outcome === 'ok' && exceptsAll(scope.events, exception))
    return refused(paragraph('Nothing would be muted: the exception names all of these events. Nothing was changed.'));
  const events = scope.outcome === 'all' ? null : formatEventSpec(scope.events);
  const where = scope.outcome === 'all' ? null : scope.where;
  if (call.pressed && values.time === undefined) return askHowLong({ events, where, except }, call);
  const time = readMuteTime(values.time ?? '', now + room.wallAheadMs, room.timeZone);
  if (time.outcome === 'problem') return refused(paragraph(time.wrong));
  if (time.outcome === 'rest') return refusalOfRest(parts.catalogue, time, call);
  if (values.reason !== undefined && time.reason !== null)
    return refused(paragraph('Two reasons are given: ', code(time.reason), ' and ', code(values.reason), '.'));
  const reason = values.reason ?? time.reason;
  const wanted: NewMute = {
    roomId,
    events,
    where,
    except,
    until: time.until - room.wallAheadMs,
    author: call.asker.id,
    reason,
    now,
  };
  const holding = parts.holding(roomId).filter(({ until }) => until > now);
  const same = holding.find((one) => isSame(one, wanted));
  if (same !== undefined) return extendOrTell(parts, same, wanted, call);
  const full = refusalOfOneMore(parts, roomId, scope);
  if (full !== null) return full;
  const doubts = [
    ...(scope.outcome === 'all' ? [] : scope.doubts),
    ...(scope.outcome === 'all' || isAskedFor(scope.events, parts.subscriptions(room.address))
      ? []
      : [paragraph('No subscription of this room asks for ', code(formatEventSpec(scope.events)), '.')]),
    ...exception.doubts,
    ...holding.filter((one) => one.events === null && isWider(one, wanted)).map((one) => mutedAnyway(one, room)),
  ];
  return addMute(parts, wanted, doubts, call);
}

/** Asks for the time where a press gave none, and says what would be muted. */
function askHowLong(scope: Pick<NewMute, 'events' | 'where' | 'except'>, { about }: Call): Outcome {
  const times = ['15m', '1h', '8h', '1 day', '1 week'];
  return {
    outcome: 'done',
    say: [
      paragraph('This mutes ', ...what(scope), ' in this room: all of them, not only this one.'),
      paragraph('For how long?'),
    ],
    offers: times.map((time) => ({ label: time, line: `mute for ${time}`, about })),
  };
}

const addMute = (parts: MuteParts, wanted: NewMute, doubts: readonly Block[], { room }: Call): Outcome => ({
  outcome: 'done',
  private: false,
  say: [],
  change: adding(parts, wanted, doubts, room),
});

function adding(parts: MuteParts, wanted: NewMute, doubts: readonly Block[], room: CommandRoom) {
  const { roomId, until, reason } = wanted;
  let id = 0;
  return {
    what: auditText(wanted, room),
    async apply(trx) {
      id = await parts.add(trx, wanted);
    },
    reply: () => ({
      say: [
        paragraph(
          ...['Muted ', ...what(wanted), ' until ', moment(until, room)],
          reason === null ? '' : ` (${reason})`,
          '. A notice lists the muted events then. ',
          ...[typed(`unmute m${id}`), ' ends it early.'],
        ),
        ...doubts,
      ],
      offers: offer('Undo', `unmute m${id}`),
    }),
    after: () => parts.changed(roomId),
  } satisfies Change;
}

/** A mute of the same events is there: it lasts longer from now on, or it does so already. */
function extendOrTell(parts: MuteParts, same: ActiveMute, wanted: NewMute, { room }: Call): Outcome {
  const { until, reason } = wanted;
  const name = `m${same.id}`;
  const end = [typed(`unmute ${name}`), ' ends it early.'];
  const before = moment(same.until, room);
  const offers = offer('Unmute', `unmute ${name}`);
  if (until <= same.until || localTime(until, room.timeZone) === localTime(same.until, room.timeZone)) {
    const held = ['Muted already: ', ...muteText(same, room), '. Nothing was changed. '];
    return { outcome: 'done', say: [paragraph(...held, ...end)], offers };
  }
  const now = ['Extended ', code(name), ': ', ...what(wanted), ' until ', moment(until, room)];
  const say = [
    paragraph(...now, reason === null ? '' : ` (${reason})`, ', no longer only until ', before, '. ', ...end),
  ];
  // Its time may be over before this is written.
  const anew = adding(parts, { ...wanted, reason: reason ?? same.reason }, [], room);
  let isOver = false;
  return {
    outcome: 'done',
    private: false,
    say,
    offers,
    change: {
      get what() {
        return isOver ? anew.what : `extended ${name}: ${auditText(wanted, room)}`;
      },
      async apply(trx) {
        isOver = !(await parts.extend(trx, same.id, until, reason));
        if (isOver) await anew.apply(trx);
      },
      reply: () => (isOver ? anew.reply() : { say, offers }),
      after: anew.after,
    },
  };
}

/** Returns true if a person muted exactly these events. */
function isSame(one: ActiveMute, { events, where, except }: NewMute): boolean {
  return one.author !== quietHours && one.events === events && one.where === where && one.except === except;
}

function isWider(one: ActiveMute, { until }: NewMute): boolean {
  return one.where === null && one.except === null && one.until >= until;
}

/** Returns true if a subscription asks for some of the events. */
function isAskedFor(events: EventSpec, subscriptions: readonly RoomSubscription[]): boolean {
  const asks = ({ events: asked }: RoomSubscription) =>
    [...events].some(([model, types]) => [...types].some((type) => asked.get(model)?.has(type) === true));
  return subscriptions.some(asks);
}

const mutedAnyway = (one: ActiveMute, room: CommandRoom) =>
  paragraph('It changes nothing while this holds: ', ...muteText(one, room), '.');

/** Returns the refusal of a word for the whole room, which is muted without any, and of another room's name. */
function refusalOfWhole({ catalogue, isRoom }: MuteParts, { values, room }: Call): Refused | null {
  const word = values.events?.toLowerCase() ?? '';
  if (word === '' || catalogue.model(word) !== undefined) return null;
  const time = (values.time ?? '').replace(/^(?:room|channel|chat)\b\s*/i, '') || 'for 1h';
  if (wholeRoom.test(word)) return refused(paragraph('The whole room: ', typed(`mute ${time}`), '.'));
  if (!isRoom(word, room)) return null;
  return refused(paragraph(`${word} is a room: `, code(`/${word} mute ${time}`), '.'));
}

const wholeRoom = /^(?:all|everything|this|here|room|\*)$/;

/** The events that a mute covers: all of the room, or those of a filter. */
type Scope = { readonly outcome: 'all' } | Filter;

async function readScope(parts: MuteParts, roomId: number, { values, about }: Call): Promise<Scope | Refused> {
  const events = values.events ?? (about === null ? null : await parts.like(roomId, about));
  if (events !== null) return readFilter(parts, events, values.where);
  if (about !== null) return refused(paragraph('Which events that message was made of is not known any more.'));
  if (values.where === undefined) return { outcome: 'all' };
  return refused(paragraph('A condition needs events: ', typed(`mute posts --where ${values.where}`), '.'));
}

/** Refuses words that are neither a time nor a reason in quotes, and says what they may have been meant for. */
function refusalOfRest(catalogue: Catalogue, { time, rest }: { time: string; rest: string }, call: Call): Refused {
  const { values, room } = call;
  const wrong = [`"${excerpt(rest, 80)}" is not understood. `];
  const first = /^(?:(?:and|&|\+)\s+)?(\w+)/i.exec(rest)?.[1] ?? '';
  const unchanged = ' Nothing was changed.';
  if (catalogue.model(first.toLowerCase()) !== undefined) {
    const events = values.events === undefined ? first : `${values.events}, ${first}`;
    const right = ['Events come first, with a comma between them: ', typed(`mute ${events} for 2h`), '.'];
    return refused(paragraph(...wrong, ...right, unchanged));
  }
  const clock = /\d{1,2}(?::\d{2}|\s*[ap]m)$/i.exec(time)?.[0];
  const other = clock === undefined ? /^in\s+(?!the\b|this\b|an?\b)#?([\w-]+)/i.exec(rest)?.[1] : undefined;
  const right = [
    other === undefined ? '' : `For another room, give the command there, or at the terminal: /${other} mute. `,
    clock === undefined ? '' : `${clock} is ${room.timeZone} here. `,
  ];
  return refused(
    paragraph(
      ...[...wrong, ...right, 'A time comes right after the events: '],
      ...[
        typed(values.events === undefined ? 'mute posts for 2h' : `mute ${values.events} for 2h`),
        '. A reason stands in quotes or behind ',
        code('--reason'),
        '.',
        unchanged,
      ],
    ),
  );
}

/** Returns the refusal if the room may not have one more mute, or not one with this condition. */
function refusalOfOneMore({ holding, tooMuch }: MuteParts, roomId: number, scope: Scope): Refused | null {
  if (holding(roomId).length >= mostMutes)
    return refused(paragraph(`${mostMutes} mutes hold here already: end one with `, typed('unmute'), '.'));
  const exceeded = scope.outcome === 'all' ? null : tooMuch(roomId, scope.events, scope.condition);
  if (exceeded === null) return null;
  const wrong = `With it, ${sayTooMuch(exceeded, 'in the mutes of this room')}`;
  return refused(paragraph(`${wrong}: use smaller patterns, or end one with `, typed('unmute'), '.'));
}

function auditText({ events, where, except, until, reason }: NewMute, { wallAheadMs }: CommandRoom): string {
  const covered = `${events ?? 'the whole room'}${where === null ? '' : ` where ${where}`}${except === null ? '' : ` except ${except}`}`;
  return `muted ${covered} until ${new Date(until + wallAheadMs).toISOString()}${reason === null ? '' : `: ${reason}`}`;
}
