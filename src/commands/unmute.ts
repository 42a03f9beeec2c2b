import type { Block } from '../render/message.ts';
import { code, list, paragraph, typed } from '../render/say.ts';
import type { ActiveMute } from '../rooms/active-mute.ts';
import type { Trx } from '../store/tables.ts';
import { type Command, refused } from './command.ts';
import type { CommandRoom } from './command-room.ts';
import { again, lineOf } from './line-again.ts';
import { muteText, what } from './mute-text.ts';

export interface UnmuteParts {
  readonly holding: (roomId: number) => readonly ActiveMute[];
  /** Ends mutes, with one notice of what they held back. */
  readonly end: (trx: Trx, ids: readonly number[], by: string, now: number) => Promise<void>;
  /** After the commit. */
  readonly changed: (roomId: number) => Promise<void> | void;
}

export function createUnmute({ holding, end, changed }: UnmuteParts): Command {
  return {
    name: 'unmute',
    description: 'End a mute early',
    who: 'changers',
    options: [
      {
        name: 'mute',
        type: 'mute',
        description: 'Its id, as m12, or all; not needed where only one holds',
        required: false,
        place: 'word',
      },
    ],
    examples: ['unmute', 'unmute m12', 'unmute all'],
    run({ values, room, asker, now }) {
      const held = room.id === null ? [] : holding(room.id);
      const named = values.mute?.toLowerCase();
      const chosen =
        named === undefined || named === 'all'
          ? held
          : held.filter((mute) => `m${mute.id}` === named.replace(/^(?=\d)/, 'm'));
      if (held.length === 0) return refused(paragraph('Nothing is muted here.'));
      if (chosen.length === 0 || (named === undefined && chosen.length > 1))
        return refused(
          chosen.length === 0
            ? paragraph('There is no mute ', code(values.mute ?? ''), '. These hold:')
            : paragraph('Several hold, name one, or all:'),
          list(held.map((mute) => muteText(mute, room))),
        );
      const others = held.filter((one) => one.until > now && !chosen.includes(one));
      const undo = again(
        'Mute again',
        chosen.filter(({ until }) => until > now).map((mute) => lineAgain(mute, now)),
      );
      return {
        outcome: 'done',
        private: false,
        say: [...endedText(chosen, others, room), ...undo.say],
        offers: undo.offers,
        change: {
          what: `ended ${chosen.map((mute) => `m${mute.id}`).join(', ')}`,
          async apply(trx) {
            const ids = chosen.map(({ id }) => id);
            await end(trx, ids, asker.id, now);
          },
          after: () => (room.id === null ? undefined : changed(room.id)),
        },
      };
    },
  };
}

function endedText(mutes: readonly ActiveMute[], others: readonly ActiveMute[], room: CommandRoom): readonly Block[] {
  const notice = 'A notice says what was held back.';
  const [only, ...more] = mutes;
  if (only === undefined || more.length > 0)
    return [paragraph('No longer muted:'), list(mutes.map((mute) => what(mute))), paragraph(notice)];
  const [other, ...rest] = others;
  if (other === undefined) return [paragraph('No longer muted: ', ...what(only), '. ', notice)];
  const ended = ['Ended ', code(`m${only.id}`), ', ', ...what(only), '. Still muted: '];
  if (rest.length > 0) return [paragraph(...ended), list(others.map((mute) => muteText(mute, room)))];
  const end = [typed(`unmute m${other.id}`), ' ends it.'];
  return [paragraph(...ended, ...muteText(other, room), '. ', ...end)];
}

/** The line that makes a mute again, for the time that was left of it. */
function lineAgain({ events, where, except, reason, until }: ActiveMute, now: number): string {
  const minutes = Math.ceil((until - now) / 60_000);
  return lineOf(`mute ${events === null ? '' : `${events} `}for ${minutes}m`, { except, reason, where });
}
