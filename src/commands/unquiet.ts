import { formatDays, formatHours } from '../config/parse-quiet-hours.ts';
import { code, list, paragraph } from '../render/say.ts';
import type { RoomQuiet } from '../rooms/quiet-rules.ts';
import type { Trx } from '../store/tables.ts';
import { weekdays } from '../time/quiet-hours.ts';
import { type Call, type Command, type Outcome, refused } from './command.ts';
import { again, lineOf } from './line-again.ts';
import { hoursAndEvents, quietText } from './quiet-text.ts';

export interface UnquietParts {
  readonly quietOf: (roomId: number) => readonly RoomQuiet[];
  readonly removeQuiet: (trx: Trx, id: number) => Promise<void>;
  /** Called after the commit. */
  readonly quietChanged: () => Promise<void>;
}

export const createUnquiet = (parts: UnquietParts): Command => ({
  name: 'unquiet',
  description: 'End quiet hours that were made by a command, now and for good',
  who: 'changers',
  options: [
    {
      name: 'quiet',
      type: 'quiet',
      description: 'Their id, as q3, or all; not needed if there is only one',
      required: false,
      place: 'word',
    },
  ],
  examples: ['unquiet', 'unquiet all'],
  run: (call) => unquiet(parts, call),
});

function unquiet(parts: UnquietParts, { values, room }: Call): Outcome {
  const known = room.id === null ? [] : parts.quietOf(room.id);
  const made = known.flatMap(({ stored, ...rule }) => (stored === null ? [] : [{ ...rule, stored }]));
  if (made.length === 0) return refused(paragraph(known.length === 0 ? none : ofConfiguration));
  const named = values.quiet?.toLowerCase();
  const isAll = named === 'all' || (named === undefined && made.length === 1);
  const chosen = isAll ? made : made.filter(({ stored }) => `q${stored.id}` === named?.replace(/^(?=\d)/, 'q'));
  if (chosen.length === 0) {
    const wrong =
      named === undefined
        ? paragraph('There are several, name one, or all:')
        : paragraph('There are no quiet hours ', code(values.quiet ?? ''), '. There are:');
    return refused(wrong, list(made.map(quietText)));
  }
  const lines = chosen.map(({ timeZone, events, except, ...time }) => {
    const days = time.days.length === weekdays.length ? '' : ` ${formatDays(time.days)}`;
    const timezone = timeZone === room.timeZone ? null : timeZone;
    return lineOf(`quiet ${formatHours(time)}${days}`, { events, except, timezone });
  });
  const undo = again('Undo', lines);
  return {
    outcome: 'done',
    private: false,
    say: [...chosen.map((one) => paragraph('No longer quiet: ', ...hoursAndEvents(one), '.')), ...undo.say],
    offers: undo.offers,
    change: {
      what: `ended quiet hours ${chosen.map(({ stored }) => `q${stored.id}`).join(', ')}`,
      async apply(trx) {
        for (const { stored } of chosen) await parts.removeQuiet(trx, stored.id);
      },
      after: () => parts.quietChanged(),
    },
  };
}

const none = 'This room has no quiet hours.';
const ofConfiguration = 'The quiet hours of this room are in the configuration, and can be changed only there.';
