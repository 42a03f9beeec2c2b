import type { Block, Message } from '../render/message.ts';
import type { Trx } from '../store/tables.ts';
import type { CommandRoom } from './command-room.ts';
import type { Asker, Offer } from './invocation.ts';

/** The kind of value that an option takes; fronts complete by it. */
export type OptionType =
  | 'events'
  | 'where'
  | 'template'
  | 'subscription'
  | 'mute'
  | 'time'
  | 'quiet'
  | 'hours'
  | 'days'
  | 'timezone'
  | 'message'
  | 'command'
  | 'text';

/** Returns true if values of this type are completed while they are typed (`complete.ts`). */
export function isCompleted(type: OptionType): boolean {
  return type !== 'message' && type !== 'text';
}

export interface CommandOption {
  /** Lower case, at most 32 characters (https://discord.com/developers/docs/interactions/application-commands). */
  readonly name: string;
  readonly type: OptionType;
  /** At most 100 characters. */
  readonly description: string;
  readonly required: boolean;
  /** `word`: the next word of a line; `rest`: all words to the next `--`; `named`: only as `--name …`. */
  readonly place: 'word' | 'rest' | 'named';
}

/** The values of a command's options, by name. One that was not given is missing. */
export type Values = Readonly<Record<string, string>>;

/** A command in the middle of being run. */
export interface Call {
  readonly values: Values;
  readonly room: CommandRoom;
  readonly asker: Asker;
  /** Platform id of the message that it is about; null if it is about none. */
  readonly about: string | null;
  /** True if a button or a menu was pressed: what could have been typed is asked for. */
  readonly pressed: boolean;
  /** True if the asker may change the room. */
  readonly mayChange: boolean;
  /** Unix milliseconds. */
  readonly now: number;
}

/** The result of a command. */
export type Outcome = Done | Refused;

/** The answer to a command. */
export interface Reply {
  readonly say: readonly Block[] | Message;
  /** Commands that may be wanted next. Default: none. */
  readonly offers?: readonly Offer[];
}

export interface Done extends Reply {
  readonly outcome: 'done';
  /** For the asker's eyes, where the platform can. Default true. */
  readonly private?: boolean;
  readonly change?: Change;
}

/** Nothing changed, and what would be right. */
export interface Refused {
  readonly outcome: 'refused';
  readonly say: readonly Block[];
}

export const refused = (...say: readonly Block[]): Refused => ({ outcome: 'refused', say });

/** Length limit of a command in an offer, characters. */
const longestOffer = 60;

/** Offers a command that undoes what was done; nothing if the command is too long for a button. */
export function offer(label: string, line: string): readonly Offer[] {
  return line.length > longestOffer ? [] : [{ label, line, about: null }];
}

/** A change, written with the audit line and the answer in one transaction. */
export interface Change {
  /** For the audit table: what changed; read after `apply`. */
  readonly what: string;
  apply(trx: Trx): Promise<void>;
  /** Returns what is said in place of the outcome's own reply, where that is only known behind `apply`. */
  readonly reply?: () => Reply;
  /** After the commit: what is in memory follows. */
  after(): Promise<void> | void;
  /** The source is asked for other events, or they go to other rooms. */
  readonly concernsSource?: true;
}

/** One entry of the table: all that a front, the help and the permissions know of a command. */
export interface Command {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CommandOption[];
  /** `everyone` in the room, or those who may change it. */
  readonly who: 'everyone' | 'changers';
  /** As a line in a room, without the prefix. */
  readonly examples: readonly string[];
  run(call: Call): Promise<Outcome> | Outcome;
}
