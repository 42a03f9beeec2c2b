import type { Inline } from '../render/message.ts';
import { code } from '../render/say.ts';
import type { ActiveMute } from '../rooms/active-mute.ts';
import type { CommandRoom } from './command-room.ts';
import { filterText } from './events-option.ts';

/** A mute in a list. */
export function muteText(mute: ActiveMute, room: CommandRoom): readonly (string | Inline)[] {
  return [
    code(`m${mute.id}`),
    ' ',
    ...what(mute),
    ` until ${localTime(mute.until, room.timeZone)}, by ${mute.author}`,
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

/** `2026-11-24 18:00 Europe/Berlin` */
export function localTime(at: number, timeZone: string): string {
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(at);
  return `${text} ${timeZone}`;
}
