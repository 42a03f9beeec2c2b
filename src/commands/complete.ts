import type { Catalogue } from '../catalogue/catalogue.ts';
import { formatEventSpec, typesOf } from '../catalogue/event-spec.ts';
import { leadsToPost } from '../catalogue/subject.ts';
import { formatDays, formatHours } from '../config/parse-quiet-hours.ts';
import type { ActiveMute } from '../rooms/active-mute.ts';
import type { RoomSubscription } from '../rooms/live-subscriptions.ts';
import type { RoomQuiet } from '../rooms/quiet-rules.ts';
import { subjectModel } from '../router/subject-model.ts';
import { weekdays } from '../time/quiet-hours.ts';
import type { AccountId, PlatformName, Role } from '../words.ts';
import type { Command, CommandOption, Values } from './command.ts';
import type { CommandRoom } from './command-room.ts';
import { localTime } from './mute-text.ts';
import { ranked } from './ranked.ts';
import type { KnownSite } from './site-doubts.ts';

/** Something that could be meant by what was typed so far: what is shown of it, and what is then written. */
export interface Choice {
  readonly name: string;
  readonly value: string;
}

/** An option that somebody is writing. */
export interface Completion {
  readonly command: string;
  readonly option: string;
  readonly typed: string;
  /** The values of the other options so far. */
  readonly given: Values;
  readonly platform: PlatformName;
  /** The resolved address. */
  readonly room: string;
  readonly direct: boolean;
}

/** A completion, and the account that heard it. */
export interface HeardCompletion extends Completion {
  readonly account: AccountId;
}

/** The parts that choices come from. */
export interface CompletionParts {
  readonly catalogue: Catalogue;
  /** The sites that are known. */
  readonly sites: () => readonly KnownSite[];
  readonly templates: { readonly names: readonly string[] };
  readonly subscriptions: (address: string) => readonly RoomSubscription[];
  readonly mutes: (roomId: number) => readonly ActiveMute[];
  readonly quiet: (roomId: number) => readonly RoomQuiet[];
}

/** A list, its items and their names are no longer (https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-choice-structure). */
const mostChoices = 25;
const longestText = 100;

/** Returns the values that may be meant, the likeliest first; none if nothing is known. Pure. */
export function choicesFor(
  { command, option, typed, given }: Pick<Completion, 'command' | 'option' | 'typed' | 'given'>,
  table: readonly Command[],
  room: CommandRoom,
  parts: CompletionParts,
): readonly Choice[] {
  const found = table.find((each) => each.name === command)?.options.find((each) => each.name === option);
  if (found === undefined || typed.length > longestText) return [];
  return all(found, typed, given, table, room, parts)
    .filter(({ value }) => value.length <= longestText)
    .slice(0, mostChoices)
    .map(({ name, value }) => ({
      name: name.length > longestText ? `${name.slice(0, longestText - 1)}…` : name,
      value,
    }));
}

function all(
  { type }: CommandOption,
  typed: string,
  given: Values,
  table: readonly Command[],
  room: CommandRoom,
  parts: CompletionParts,
): readonly Choice[] {
  switch (type) {
    case 'events':
      return behind(typed, /^.*(?:;\s*|,\s+)|^[^#]*,\s*/s, eventNames(parts.catalogue));
    case 'where':
      if (inSite.test(typed))
        return behind(
          typed,
          /^.*"/s,
          parts.sites().flatMap(({ domain }) => domain ?? []),
        );
      return behind(typed, /^.*?(?=[\w.]*$)/s, fieldNames(parts.catalogue, given.events ?? ''));
    case 'template':
      return ranked(typed, parts.templates.names.map(same));
    case 'subscription':
      return ranked(
        typed,
        parts
          .subscriptions(room.address)
          .filter(({ stored }) => stored !== null)
          .map(subscription),
      );
    case 'mute': {
      const held = room.id === null ? [] : parts.mutes(room.id);
      return ranked(typed, [...held.map((one) => mute(one, room)), ...(held.length > 1 ? [same('all')] : [])]);
    }
    case 'quiet': {
      const made = room.id === null ? [] : parts.quiet(room.id).flatMap(quiet);
      return ranked(typed, [...made, ...(made.length > 1 ? [same('all')] : [])]);
    }
    case 'hours':
      return ranked(typed, hours.map(same));
    case 'days':
      return ranked(typed, days.map(same));
    case 'timezone':
      return ranked(typed, Intl.supportedValuesOf('timeZone').map(same));
    case 'time':
      return ranked(typed, times.map(same));
    case 'command':
      return ranked(
        typed,
        table.map(({ name }) => same(name)),
      );
    case 'message':
    case 'text':
      return [];
    default:
      return type satisfies never;
  }
}

/** A condition whose end is the name of a site: `object.site == "sta`. */
const inSite = /\b(?:object|subject)\.site\s*(?:==|!=|in\s*\[[^\]]*)\s*"[^"]*$/;

const same = (text: string): Choice => ({ name: text, value: text });

const times = [
  'for 15m',
  'for 1h',
  'for 8h',
  'for 1 day',
  'for 1 week',
  'until 18:00',
  'until tomorrow 9am',
  'until monday',
];

const hours = ['22:00-07:00', '23:00-06:00', '18:00-09:00', '00:00-06:00'];
const days = ['mon-fri', 'sat,sun', 'sun-thu', ...weekdays];

/** Completes what stands at the end of a text, and keeps what stands before. */
function behind(typed: string, before: RegExp, names: readonly string[]): readonly Choice[] {
  const kept = before.exec(typed)?.[0] ?? '';
  return ranked(typed.slice(kept.length), names.map(same)).map(({ value }) => same(kept + value));
}

/** The roles of the models that rooms ask for most, the commonest first. */
const common: readonly Role[] = ['report', 'vote', 'flag', 'deletion'];

/** The common models and their creates, then everything. */
function eventNames(catalogue: Catalogue): readonly string[] {
  const first = common.flatMap((role) => catalogue.ofRole(role)?.name ?? []);
  return [...new Set([...first, ...first.map((name) => `${name}#create`), ...allEvents(catalogue)])];
}

function allEvents(catalogue: Catalogue): readonly string[] {
  return catalogue.names.flatMap((name) => [name, ...typesOf(catalogue.model(name)).map((type) => `${name}#${type}`)]);
}

/** Fields of the models that the events name; of all where they name none. */
function fieldNames(catalogue: Catalogue, events: string): readonly string[] {
  const named = events.split(';').map((part) => part.split('#')[0]?.trim() ?? '');
  const models = named.flatMap((name) => catalogue.model(name) ?? []);
  const fields = models.flatMap((model) => [...Object.keys(model.fields), ...Object.keys(model.derivedFields)]);
  const ofSubject = models.some(leadsToPost) ? Object.keys(subjectModel.fields) : [];
  return [
    ...new Set(fields.map((field) => `object.${field}`)),
    ...ofSubject.map((field) => `subject.${field}`),
    ...['event.type', 'event.model', 'event.backfilled'],
  ];
}

function subscription({ id, events, where }: RoomSubscription): Choice {
  return { name: `${formatEventSpec(events)}${where === null ? '' : ` where ${where.source}`} (${id})`, value: id };
}

/** A choice has no names, and on some chats an id says nothing: it names the end of the mute instead of its author. */
function mute({ id, events, until, reason }: ActiveMute, { timeZone, wallAheadMs }: CommandRoom): Choice {
  const end = localTime(until + wallAheadMs, timeZone);
  return {
    name: `m${id}: ${events ?? 'the whole room'} until ${end}${reason === null ? '' : `: ${reason}`}`,
    value: `m${id}`,
  };
}

/** A choice of quiet hours that a command can end; none for those of the configuration. */
function quiet({ stored, events, ...hoursOfDay }: RoomQuiet): readonly Choice[] {
  if (stored === null) return [];
  const when = `${formatHours(hoursOfDay)} ${formatDays(hoursOfDay.days)}`;
  return [{ name: `q${stored.id}: ${when}, ${events ?? 'the whole room'}`, value: `q${stored.id}` }];
}
