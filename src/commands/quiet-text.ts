import { formatDays, formatHours } from '../config/parse-quiet-hours.ts';
import type { Inline } from '../render/message.ts';
import { code } from '../render/say.ts';
import type { RoomQuiet } from '../rooms/quiet-rules.ts';
import { weekdays } from '../time/quiet-hours.ts';
import { by, what } from './mute-text.ts';

/** Quiet hours in a list. */
export function quietText(quiet: RoomQuiet): readonly (string | Inline)[] {
  const { stored } = quiet;
  const from = stored === null ? [', in the configuration'] : [', by ', by(stored.author)];
  return [...(stored === null ? [] : [code(`q${stored.id}`), ' ']), ...hoursAndEvents(quiet), ...from];
}

/** `22:00-07:00 mon-fri Europe/Berlin: the whole room` */
export function hoursAndEvents(quiet: Omit<RoomQuiet, 'stored'>): readonly (string | Inline)[] {
  const { days, timeZone, events, except } = quiet;
  const on = days.length === weekdays.length ? 'every day' : formatDays(days);
  return [`${formatHours(quiet)} ${on} ${timeZone}: `, ...what({ events, where: null, except })];
}
