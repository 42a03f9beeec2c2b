import type { Inline } from '../render/message.ts';
import { code, person, time } from '../render/say.ts';
import { type ActiveMute, quietHours } from '../rooms/active-mute.ts';
import type { CommandRoom } from './command-room.ts';
import { filterText } from './events-option.ts';

/** A mute in a list. */
export function muteText(mute: ActiveMute, room: CommandRoom): readonly (string | Inline)[] {
  return [
    code(`m${mute.id}`),
    ' ',
    ...what(mute),
    ' until ',
    moment(mute.until, room),
    ', by ',
    by(mute.author),
    mute.reason === null ? '' : `: ${mute.reason}`,
  ];
}

/** Says which events a mute covers. */
export function what({
  events,
  where,
  except,
}: Pick<ActiveMute, 'events' | 'where' | 'except'>): readonly (string | Inline)[] {
  const all = where === null ? ['the whole room'] : ['all events where ', code(where)];
  const covered = events === null ? all : filterText(events, where);
  return except === null ? covered : [...covered, ' except ', code(except)];
}

/** Returns the one who muted something: a person, or the quiet hours of the room. */
export function by(author: string): string | Inline {
  return author === quietHours ? author : person(author);
}

/** An instant of the store's time as a room sees it, or by each reader's own clock where a chat can show it so. */
export function moment(
  at: number,
  { timeZone, wallAheadMs }: Pick<CommandRoom, 'timeZone' | 'wallAheadMs'>,
  style: 'moment' | 'both' = 'both',
): Inline {
  return wallMoment(at + wallAheadMs, timeZone, style);
}

/** The same for an instant of the wall clock. */
export function wallMoment(at: number, timeZone: string, style: 'moment' | 'both' = 'both'): Inline {
  return time(at, style, localTime(at, timeZone));
}

/** `2026-11-24 18:00 Europe/Berlin` */
export function localTime(at: number, timeZone: string): string {
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(at);
  return `${text} ${timeZone}`;
}
