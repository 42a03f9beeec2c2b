import { underscore } from '../catalogue/inflect.ts';
import type { RoomConfig } from '../config/config.ts';
import type { StoredRoom } from '../outbox/rows/rooms.ts';
import type { Templates } from '../render/load-templates.ts';
import { quietHours } from '../rooms/active-mute.ts';
import type { RoomSubscription } from '../rooms/live-subscriptions.ts';
import { parseStoredOptions } from '../router/subscription-options.ts';
import type { Database } from '../store/tables.ts';
import { formatDuration } from '../time/duration.ts';
import { wallTime } from '../time/zone-time.ts';
import type { Event } from '../words.ts';
import type { DecidingSubscription, ExplainedRoom, ShownAs, TriedSubscription } from './explanation.ts';
import { type Fate, hasCard, readMute } from './fates.ts';
import type { Tried } from './note-tries.ts';

export interface ExplainRoomParts {
  readonly db: Database;
  readonly templates: Templates;
  readonly cardTemplate: string;
}

/** A room of a trial; `config` null: it was made by a command. */
export interface TrialRoom {
  readonly stored: StoredRoom;
  readonly config: RoomConfig | null;
  readonly subscriptions: readonly RoomSubscription[];
}

/** An event, and what was tried for it in a room when it came. */
export interface TriedInRoom {
  readonly event: Event;
  readonly tried: readonly Tried[];
}

/** Explains what became of an event in a room. `fate`: its delivery; undefined: it has none. */
export async function explainRoom(
  parts: ExplainRoomParts,
  room: TrialRoom,
  { event, tried }: TriedInRoom,
  fate: Fate | undefined,
): Promise<ExplainedRoom> {
  const { name, address, id } = room.stored;
  const place = { room: name, address };
  const unmatched = tried.filter(({ result }) => result.outcome === 'value' && !result.value).map(triedOf);
  if (fate === undefined) {
    const mayHaveCard = room.subscriptions.some(({ options }) => options.isCard);
    const isShown = mayHaveCard && (await hasCard(parts.db, id, event.subject));
    const why = whyUnmatched(event, room.subscriptions.length, unmatched);
    const shown = isShown ? `${why}; its card is edited for it` : why;
    return { ...place, gets: false, why: shown, as: isShown ? 'edit of a card' : null, by: null, unmatched };
  }
  const by = decidingOf(parts, event, tried, fate);
  const { gets, why } = await outcomeOf(parts.db, room, fate, by);
  return { ...place, gets, why, as: gets ? shownAs(fate) : null, by, unmatched };
}

function whyUnmatched(event: Event, subscriptions: number, unmatched: readonly TriedSubscription[]): string {
  if (subscriptions === 0) return 'the room has no subscription';
  if (unmatched.length === 0) return `no subscription of the room names ${event.model}#${event.type}`;
  return unmatched.length === 1 ? 'its condition is false' : 'their conditions are false';
}

function triedOf({ subscription, values }: Tried): TriedSubscription {
  const { id, inFile, where } = subscription;
  return { id, line: inFile?.line ?? null, where: where?.source ?? null, values };
}

function decidingOf(
  { templates, cardTemplate }: ExplainRoomParts,
  event: Event,
  tried: readonly Tried[],
  { subscription: id, template, options, conditionFailed }: Fate,
): DecidingSubscription {
  const found = tried.find(({ subscription }) => subscription.id === id);
  const { isCard, holdMs, unless } = parseStoredOptions(options);
  const ofModel = underscore(event.class);
  const own = isCard ? cardTemplate : templates.get(ofModel) === undefined ? 'default' : ofModel;
  const one = found === undefined ? { id, line: null, where: null, values: {} } : triedOf(found);
  return { ...one, template: template ?? own, conditionFailed, holdMs, unless };
}

async function outcomeOf(
  db: Database,
  room: TrialRoom,
  { state, reason, mute }: Fate,
  { holdMs, unless }: DecidingSubscription,
): Promise<{ readonly gets: boolean; readonly why: string }> {
  switch (state) {
    case 'sent':
      if (holdMs === null) return { gets: true, why: 'it matched' };
      return {
        gets: true,
        why: `it was held for ${formatDuration(holdMs)}${unless === null ? '' : `, and not left out: ${unless} was not true`}`,
      };
    case 'waiting':
    case 'planned':
      return { gets: true, why: `it waits (${reason ?? 'for its turn'})` };
    case 'muted':
      return { gets: false, why: mute === null ? 'it is muted' : await mutedBy(db, room, mute) };
    case 'cancelled':
      return { gets: false, why: reason ?? 'it was cancelled' };
    case 'dead':
      return { gets: false, why: `a dead letter: ${reason ?? 'it could not be sent'}` };
    default:
      return state satisfies never;
  }
}

async function mutedBy(db: Database, { config }: TrialRoom, id: string): Promise<string> {
  const { author, events, where, except, until, reason } = await readMute(db, id);
  const timeZone = config?.timeZone ?? 'UTC';
  const covers = `${events ?? 'all events'}${where === null ? '' : ` where ${where}`}${except === null ? '' : ` except ${except}`}`;
  const end = `until ${localTime(until, timeZone)}`;
  if (author === quietHours) return `quiet hours hold back ${covers} ${end}`;
  return `mute m${id} of ${author}${reason === null ? '' : ` (${reason})`} holds back ${covers} ${end}`;
}

/** `2026-11-30 07:00 Europe/Berlin` */
function localTime(at: number, timeZone: string): string {
  const { year, month, day, hour, minute } = wallTime(at, timeZone);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)} ${timeZone}`;
}

function shownAs({ kind, isOwn }: Fate): ShownAs {
  if (kind === 'digest') return 'digest';
  if (!isOwn && kind === 'card') return 'edit of a card';
  return kind === 'card' ? 'card' : 'message';
}
