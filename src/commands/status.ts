import type { Inline } from '../render/message.ts';
import { code, list, time, typed } from '../render/say.ts';
import type { ActiveMute } from '../rooms/active-mute.ts';
import { counted } from '../text/counted.ts';
import { formatDuration } from '../time/duration.ts';
import type { Gap, PlatformName } from '../words.ts';
import type { Command } from './command.ts';
import type { CommandRoom } from './command-room.ts';
import { moment, what } from './mute-text.ts';

/** The state of Lookout at this moment. */
export interface Status {
  /** `subscribed to metasmoke`, `lost since …`. */
  readonly source: string;
  /** Unix milliseconds; null: none since the start. */
  readonly lastEventAt: number | null;
  readonly events: number;
  readonly version: string;
  /** Why nothing goes out over the account of a chat; null: it works. */
  readonly trouble: (platform: PlatformName) => string | null;
  /** Says how a room, by its resolved address, is encrypted; null: it is not. */
  readonly encryption: (platform: PlatformName, room: string) => Promise<string | null>;
  /** The gaps of the last day, newest first. */
  readonly gaps: () => Promise<readonly Gap[]>;
}

/** Largest number of mutes that are listed. */
const mostMutes = 5;

export interface StatusParts {
  readonly status: () => Status;
  /** Deliveries that wait in a room. */
  readonly waiting: (roomId: number) => Promise<number>;
  readonly holding: (roomId: number) => readonly ActiveMute[];
}

export function createStatus({ status, waiting, holding }: StatusParts): Command {
  return {
    name: 'status',
    description: 'Say how Lookout is: source, last event, deliveries that wait for this room, mutes, version',
    who: 'everyone',
    options: [],
    examples: ['status'],
    async run({ room, now }) {
      const { source, lastEventAt, events, version, trouble, encryption, gaps: gapsNow } = status();
      const encrypted = await encryption(room.platform, room.resolved);
      const account = room.id === null ? null : trouble(room.platform);
      const gaps = (await gapsNow()).map((gap) => gapText(gap, room.timeZone));
      const backlog = room.id === null ? 0 : await waiting(room.id);
      const mutes = room.id === null ? [] : holding(room.id);
      return {
        outcome: 'done',
        say: [
          list([
            [`Source: ${source}`],
            [
              lastEventAt === null ? 'Last event: none since the start' : 'Last event: ',
              ...(lastEventAt === null
                ? []
                : [
                    time(lastEventAt, 'distance', `${formatDuration(now - lastEventAt)} ago`),
                    `, ${events} since the start`,
                  ]),
            ],
            ...(account === null ? [] : [[`Account: ${room.platform} ${account}`]]),
            [room.id === null ? 'This room receives nothing' : `Waiting for this room: ${backlog}`],
            ...(encrypted === null ? [] : [[`Encrypted: ${encrypted}`]]),
            ...(mutes.length === 0
              ? [['Muted: nothing']]
              : mutes.slice(0, mostMutes).map((mute) => mutedText(mute, room))),
            ...(mutes.length > mostMutes
              ? [[`And ${mutes.length - mostMutes} more mutes: `, typed('subscriptions')]]
              : []),
            ...gaps,
            [`Version: ${version}`],
          ]),
        ],
      };
    },
  };
}

/** `Muted: m1 the whole room until …, unmute m1 ends it` */
function mutedText(mute: ActiveMute, room: CommandRoom): readonly (string | Inline)[] {
  const name = `m${mute.id}`;
  const until = moment(mute.until, room.timeZone);
  return ['Muted: ', code(name), ' ', ...what(mute), ' until ', until, ', ', typed(`unmute ${name}`), ' ends it'];
}

function gapText(gap: Gap, timeZone: string): readonly (string | Inline)[] {
  const { from, until, reason, lost } = gap;
  const rest = `${fetchedText(gap)}${lost === null ? '' : `; may be lost: ${lost}`}`;
  return [
    'Gap: ',
    moment(from, timeZone, 'moment'),
    ' to ',
    moment(until, timeZone, 'moment'),
    ` (${formatDuration(until - from)}), ${reason}; ${rest}`,
  ];
}

/** Says how far a gap is fetched. */
export function fetchedText({ fetched, openFrom, tries, problem }: Gap): string {
  const rows = fetched === null ? 'nothing' : counted(fetched, 'row');
  // Without an API it is never asked.
  if (openFrom === null || tries === 0) return fetched === null ? 'nothing was fetched' : `${rows} fetched`;
  const asked = tries === 1 ? 'asked once' : `asked ${tries} times`;
  return `still being fetched, ${rows} so far, ${asked}${problem === null ? '' : `: ${problem}`}`;
}
