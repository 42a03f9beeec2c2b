import type { Inline } from '../render/message.ts';
import { code, list, time, typed } from '../render/say.ts';
import type { ActiveMute } from '../rooms/active-mute.ts';
import { counted } from '../text/counted.ts';
import { formatDuration } from '../time/duration.ts';
import type { AccountId, Gap } from '../words.ts';
import type { Command } from './command.ts';
import type { CommandRoom } from './command-room.ts';
import { wallMoment, what } from './mute-text.ts';

/** The state of Lookout at this moment. */
export interface Status {
  /** `subscribed to metasmoke`, `lost since …`. */
  readonly source: string;
  /** Unix milliseconds; null: none since the start. */
  readonly lastEventAt: number | null;
  readonly events: number;
  readonly version: string;
  /** Lines about the processes and what each of them does; none if there is one. */
  readonly fleet: readonly string[];
  /** Why nothing goes out over an account; null: it works. */
  readonly trouble: (account: AccountId) => string | null;
  /** Which connections of an account are down, over which commands come; null: none. */
  readonly connections: (account: AccountId) => string | null;
  /** Why a room takes no messages; null: it does, as far as we know. */
  readonly refusal: (roomId: number) => string | null;
  /** Says how a room of an account, by its resolved address, is encrypted; null: it is not. */
  readonly encryption: (account: AccountId, room: string) => Promise<string | null>;
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

/** The state of Lookout as a whole. All times are Unix milliseconds. */
export interface SourceStatus extends Pick<Status, 'source' | 'lastEventAt' | 'events' | 'version' | 'fleet'> {
  readonly gaps: readonly Gap[];
}

/** The state of one room. */
export interface RoomStatus extends Pick<CommandRoom, 'name' | 'address' | 'platform' | 'timeZone'> {
  /** False: it is not a room of ours, so it receives nothing. */
  readonly isOurs: boolean;
  /** The account that speaks there: `matrix/eu`. */
  readonly accountId: AccountId;
  /** Why nothing goes out over its account; null: it works. */
  readonly account: string | null;
  /** Which connections of its account are down, over which commands come; null: none. */
  readonly connections: string | null;
  /** Why it takes no messages; null: it does, as far as we know. */
  readonly refusal: string | null;
  /** Number of deliveries that wait for it. */
  readonly waiting: number;
  /** Its encryption, in words; null: it is not encrypted. */
  readonly encrypted: string | null;
  readonly mutes: readonly ShownMute[];
}

/** `until` is by the wall clock. */
type ShownMute = Omit<ActiveMute, 'roomId'>;

export async function readSourceStatus({ status }: Pick<StatusParts, 'status'>): Promise<SourceStatus> {
  const { source, lastEventAt, events, version, fleet, gaps } = status();
  return { source, lastEventAt, events, version, fleet, gaps: await gaps() };
}

export async function readRoomStatus(
  { status, waiting, holding }: StatusParts,
  room: Omit<CommandRoom, 'masksOffensive' | 'direct'>,
): Promise<RoomStatus> {
  const { id, name, address, platform, account, timeZone, wallAheadMs, resolved } = room;
  const { trouble, connections, refusal, encryption } = status();
  return {
    ...{ name, address, platform, timeZone, isOurs: id !== null, accountId: account },
    account: id === null ? null : trouble(account),
    connections: id === null ? null : connections(account),
    refusal: id === null ? null : refusal(id),
    waiting: id === null ? 0 : await waiting(id),
    encrypted: await encryption(account, resolved),
    mutes: id === null ? [] : holding(id).map((mute) => shownMute(mute, mute.until + wallAheadMs)),
  };
}

/** Leaves out what is kept beside a mute to judge events. */
function shownMute({ id, events, where, except, author, reason }: ActiveMute, until: number): ShownMute {
  return { id, events, where, except, until, author, reason };
}

export function createStatus(parts: StatusParts): Command {
  return {
    name: 'status',
    description: 'Say how Lookout is: source, last event, deliveries that wait for this room, mutes, version',
    who: 'everyone',
    options: [],
    examples: ['status'],
    async run({ room, now }) {
      const source = await readSourceStatus(parts);
      const lines = roomLines(await readRoomStatus(parts, room));
      return {
        outcome: 'done',
        say: [list([...sourceLines(source, now + room.wallAheadMs), ...lines, ...endLines(source, room.timeZone)])],
      };
    },
  };
}

type Line = readonly (string | Inline)[];

/** Says whether events arrive. `now`: Unix milliseconds. */
export function sourceLines({ source, lastEventAt, events }: SourceStatus, now: number): readonly Line[] {
  const ago = (at: number) => time(at, 'distance', `${formatDuration(now - at)} ago`);
  return [
    [`Source: ${source}`],
    lastEventAt === null
      ? ['Last event: none since the start']
      : ['Last event: ', ago(lastEventAt), `, ${events} since the start`],
  ];
}

/** Says how a room is. */
export function roomLines(room: RoomStatus): readonly Line[] {
  const { isOurs, accountId, account, connections, refusal, waiting, encrypted, mutes } = room;
  return [
    ...(account === null ? [] : [[`Account: ${accountId} ${account}`]]),
    ...(connections === null ? [] : [[`Account: ${accountId} ${connections}`]]),
    ...(refusal === null ? [] : [[`Takes no messages: ${refusal}`]]),
    [isOurs ? `Waiting for this room: ${waiting}` : 'This room receives nothing'],
    ...(encrypted === null ? [] : [[`Encrypted: ${encrypted}`]]),
    ...(mutes.length === 0
      ? [['Muted: nothing']]
      : mutes.slice(0, mostMutes).map((mute) => mutedText(mute, room.timeZone))),
    ...(mutes.length > mostMutes ? [[`And ${mutes.length - mostMutes} more mutes: `, typed('subscriptions')]] : []),
  ];
}

/** Says what may have been missed, and which version this is. */
export function endLines({ gaps, fleet, version }: SourceStatus, timeZone: string): readonly Line[] {
  return [...gaps.map((gap) => gapText(gap, timeZone)), ...fleet.map((line) => [line]), [`Version: ${version}`]];
}

/** `Muted: m1 the whole room until …, unmute m1 ends it` */
function mutedText(mute: ShownMute, timeZone: string): Line {
  const name = `m${mute.id}`;
  const until = wallMoment(mute.until, timeZone);
  return ['Muted: ', code(name), ' ', ...what(mute), ' until ', until, ', ', typed(`unmute ${name}`), ' ends it'];
}

function gapText(gap: Gap, timeZone: string): Line {
  const { from, until, reason, lost } = gap;
  const rest = `${fetchedText(gap)}${lost === null ? '' : `; may be lost: ${lost}`}`;
  return [
    'Gap: ',
    wallMoment(from, timeZone, 'moment'),
    ' to ',
    wallMoment(until, timeZone, 'moment'),
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
