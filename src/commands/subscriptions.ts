import { code, list, paragraph } from '../render/say.ts';
import type { ActiveMute } from '../rooms/active-mute.ts';
import type { LiveSubscriptions } from '../rooms/live-subscriptions.ts';
import type { RoomQuiet } from '../rooms/quiet-rules.ts';
import type { Command } from './command.ts';
import { muteText } from './mute-text.ts';
import { quietText } from './quiet-text.ts';
import { described } from './unsubscribe.ts';

export interface SubscriptionsParts {
  readonly live: LiveSubscriptions;
  readonly holding: (roomId: number) => readonly ActiveMute[];
  readonly quietOf: (roomId: number) => readonly RoomQuiet[];
}

/** No message holds more lines than a reader wants. */
const most = 50;

export function createSubscriptions({ live, holding, quietOf }: SubscriptionsParts): Command {
  return {
    name: 'subscriptions',
    description: 'List the subscriptions, mutes and quiet hours of this room',
    who: 'everyone',
    options: [],
    examples: ['subscriptions'],
    run({ room }) {
      const heard = live.ofRoom(room.address);
      const mutes = room.id === null ? [] : holding(room.id);
      const quiet = room.id === null ? [] : quietOf(room.id);
      const broken = live
        .brokenIn(room.address)
        .map(({ stored, reason }) => [code(stored.id), ' ', code(stored.events), `: ${reason}`]);
      const rest = heard.length > most ? [paragraph(`And ${heard.length - most} more.`)] : [];
      return {
        outcome: 'done',
        say: [
          heard.length === 0 ? paragraph('This room receives nothing.') : list(heard.slice(0, most).map(described)),
          ...rest,
          ...(broken.length === 0 ? [] : [paragraph('Not understood, and without effect:'), list(broken)]),
          ...(mutes.length === 0
            ? []
            : [paragraph('Muted:'), list(mutes.slice(0, most).map((mute) => muteText(mute, room)))]),
          ...(quiet.length === 0 ? [] : [paragraph('Quiet hours:'), list(quiet.slice(0, most).map(quietText))]),
        ],
      };
    },
  };
}
