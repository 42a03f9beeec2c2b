import { formatEventSpec } from '../catalogue/event-spec.ts';
import type { Templates } from '../render/load-templates.ts';
import type { Block } from '../render/message.ts';
import { code, paragraph, typed } from '../render/say.ts';
import type { ActiveMute } from '../rooms/active-mute.ts';
import type { LiveSubscriptions, RoomSubscription } from '../rooms/live-subscriptions.ts';
import { insertSubscription, type StoredSubscription } from '../rooms/stored-subscriptions.ts';
import type { Condition } from '../router/condition.ts';
import { sayTooMuch } from '../router/condition-budget.ts';
import type { Subscription } from '../router/router.ts';
import { subscriptionId } from '../router/subscription-id.ts';
import { noOptions } from '../router/subscription-options.ts';
import type { Trx } from '../store/tables.ts';
import { counted } from '../text/counted.ts';
import type { EventType } from '../words.ts';
import { type Call, type Command, type Outcome, offer, type Refused, refused } from './command.ts';
import type { CommandRoom } from './command-room.ts';
import { type Filter, type FilterParts, filterText, readFilter } from './events-option.ts';
import { moment } from './mute-text.ts';
import { toldTwice } from './told-twice.ts';
import { refusalOfTemplate } from './unknown-template.ts';
import { described as inList, madeAt, originOf } from './unsubscribe.ts';

export interface SubscribeParts extends FilterParts {
  /** True if the configuration names an API. */
  readonly hasApi: boolean;
  readonly templates: Templates;
  readonly live: LiveSubscriptions;
  readonly holding: (roomId: number) => readonly ActiveMute[];
  /** Subscriptions by command that a room may have. */
  readonly perRoom: number;
  /** `any`: a room that the configuration does not name becomes one by its first subscription. */
  readonly rooms: 'listed' | 'any';
  /** Makes a room of one that is none yet. */
  readonly openRoom: (trx: Trx, room: CommandRoom) => Promise<void>;
  /** After the commit: the room works, so that an event can be routed to it. */
  readonly begin: (room: CommandRoom) => Promise<void>;
  /** The source is asked for what is wanted now. */
  readonly changed: (room: CommandRoom) => Promise<void>;
}

/** The command as it appears in lists and help. */
const described = {
  name: 'subscribe',
  description: 'Subscribe this room to events',
  who: 'changers',
  options: [
    {
      name: 'events',
      type: 'events',
      description: 'Which events, as posts#create, or several: flag_logs, feedbacks#create',
      required: true,
      place: 'word',
    },
    {
      name: 'where',
      type: 'where',
      description: 'Only those for which this condition (CEL) is true',
      required: false,
      place: 'named',
    },
    {
      name: 'template',
      type: 'template',
      description: 'How they look; the model’s own without it',
      required: false,
      place: 'named',
    },
  ],
  examples: [
    'subscribe posts#create',
    'subscribe posts#create, feedbacks#create',
    'subscribe posts#create --where object.user_reputation < 50',
  ],
} satisfies Omit<Command, 'run'>;

export const createSubscribe = (parts: SubscribeParts): Command => ({
  ...described,
  run: (call) => subscribe(parts, call),
});

function subscribe(parts: SubscribeParts, { values, room, asker, now }: Call): Outcome {
  const filter = readFilter(parts, values.events ?? '', values.where);
  if (filter.outcome === 'refused') return filter;
  const template = values.template ?? null;
  const unknown = template === null ? null : refusalOfTemplate(template, parts.templates);
  if (unknown !== null) return unknown;
  const closed = refusalOfRoom(room, parts.rooms);
  if (closed !== null) return closed;
  const { events, where, condition } = filter;
  const id = subscriptionId({ events, where, template, rooms: [room.address] });
  const heard = parts.live.ofRoom(room.address);
  const known = parts.live.find(id) ?? heard.find((one) => isSame(one, filter));
  if (known !== undefined) return { outcome: 'done', say: [...alreadyThere(known, template)] };
  const wanted = { id, events, where: condition, rooms: [room.address], template, options: noOptions };
  const full = refusalOfOneMore(parts, room, wanted);
  if (full !== null) return full;
  const text = formatEventSpec(events);
  const covering = heard.filter((one) => covers(one, filter));
  const stored = { id, address: room.address, events: text, where, template, author: asker.id, createdAt: now };
  return {
    outcome: 'done',
    private: false,
    say: [
      paragraph(
        covering.length === 0 ? 'This room now receives ' : 'Subscribed to ',
        ...filterText(text, where),
        '. End it with ',
        typed(`unsubscribe ${id}`),
        '.',
      ),
      ...filter.doubts,
      ...nothingNew(covering),
      ...mutedNow(room.id === null ? [] : parts.holding(room.id), room, now),
      ...toldTwice(parts.catalogue, events, heard),
      ...(needsApi(filter.condition) && !parts.hasApi ? [paragraph(weightIsUnknown)] : []),
    ],
    offers: offer('Undo', `unsubscribe ${madeAt(stored)}`),
    change: {
      concernsSource: true,
      what: auditText(stored),
      async apply(trx) {
        if (room.id === null) await parts.openRoom(trx, room);
        await insertSubscription(trx, stored);
      },
      async after() {
        await parts.begin(room);
        parts.live.add(stored);
        await parts.changed(room);
      },
    },
  };
}

/** Returns true if a subscription asks for exactly these events. */
function isSame(one: RoomSubscription, { events, where }: Filter): boolean {
  return sourceOf(one) === (where?.trim() ?? null) && formatEventSpec(one.events) === formatEventSpec(events);
}

/** Returns true if a subscription without a condition asks for all of these events. */
function covers(one: RoomSubscription, { events }: Filter): boolean {
  const isAskedFor = (model: string, type: EventType) => one.events.get(model)?.has(type) === true;
  return (
    one.where === null && [...events].every(([model, types]) => [...types].every((type) => isAskedFor(model, type)))
  );
}

const sourceOf = ({ where }: RoomSubscription) => where?.source.trim() ?? null;

/** Says that a room has a subscription, from where, and that another look would have no effect. */
function* alreadyThere(known: RoomSubscription, template: string | null): Iterable<Block> {
  const where =
    known.stored === null ? 'The configuration has that already: ' : 'This room has that subscription already: ';
  yield paragraph(where, ...inList(known), '. Nothing was changed.');
  if (template !== null && template !== known.template)
    yield paragraph(
      'The first subscription that matches decides how a message looks, so another template has no effect.',
    );
}

/** Says that others ask for all of a subscription already. */
function nothingNew([first, ...more]: readonly RoomSubscription[]): readonly Block[] {
  if (first === undefined) return [];
  const others = more.length === 0 ? [' asks'] : [` and ${counted(more.length, 'other')} ask`];
  return [paragraph('Nothing new will come: ', code(first.id), ...originOf(first), ...others, ' for all of it.')];
}

/** Says that the whole room is muted, and until when. */
function mutedNow(mutes: readonly ActiveMute[], room: CommandRoom, now: number): readonly Block[] {
  const whole = mutes.filter(({ events, where, until }) => events === null && where === null && until > now);
  const [last] = whole.toSorted((a, b) => b.until - a.until);
  if (last === undefined) return [];
  const except = last.except === null ? [] : [' except ', code(last.except)];
  const until = moment(last.until, room);
  return [paragraph('The room is muted now: ', code(`m${last.id}`), ...except, ' until ', until, '.')];
}

/** Returns the refusal if the room may not have subscriptions. */
function refusalOfRoom({ id, direct }: CommandRoom, rooms: SubscribeParts['rooms']): Refused | null {
  if (direct)
    return refused(paragraph('A subscription belongs to a room: write this in the room that is to receive it.'));
  if (id !== null || rooms === 'any') return null;
  return refused(
    paragraph(
      'This room is not in the configuration. Its operator can name it under ',
      code('rooms:'),
      ', or allow any with ',
      code('commands: { rooms: any }'),
      '.',
    ),
  );
}

/** Returns the refusal if the room may not have one more subscription, or not one with this condition. */
function refusalOfOneMore({ live, perRoom }: SubscribeParts, room: CommandRoom, wanted: Subscription): Refused | null {
  const made = live.ofRoom(room.address).filter((one) => one.stored !== null).length;
  if (made >= perRoom)
    return refused(
      paragraph(
        `This room has ${counted(made, 'subscription')} by command, and may have ${perRoom}: end one with `,
        typed('unsubscribe'),
        ', or ask the operator for more (',
        code('commands: { per_room: … }'),
        ').',
      ),
    );
  const exceeded = live.tooMuch(wanted);
  if (exceeded === null) return null;
  const wrong = `With it, ${sayTooMuch(exceeded, exceeded.room === null ? 'in all rooms' : 'in this room')}`;
  return refused(paragraph(`${wrong}: use smaller patterns, or end one with `, typed('unsubscribe'), '.'));
}

function auditText({ id, events, where, template }: StoredSubscription): string {
  const named = template === null ? '' : ` with template ${template}`;
  return `subscribed to ${events}${where === null ? '' : ` where ${where}`}${named} (${id})`;
}

const weightIsUnknown = 'The configuration names no API (source.api), so subject.weight stays unknown.';

function needsApi(condition: Condition | null): boolean {
  return condition?.ofSubject?.has('weight') === true;
}
