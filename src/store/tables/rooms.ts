import type { Generated } from 'kysely';
import type { AccountId, PlatformName } from '../../words.ts';
import type { Instant, JsonText } from './columns.ts';

/** One room, identified by its key `<platform>:<the account's id on the platform>:<resolved address>`. */
export interface RoomsTable {
  readonly id: Generated<number>;
  readonly key: string;
  /** The address as written in the configuration: `matrix:#alias:server`. Unique. */
  readonly address: string;
  readonly name: string;
  readonly platform: PlatformName;
  /** The account that speaks there: that of the configuration, or the one that heard the command which made the room. */
  readonly account: AccountId;
  /** The address for sends; null before the first resolution. */
  readonly resolved: string | null;
  /** 1 while the configuration names it; deliveries of a room that was removed are parked. */
  readonly configured: 0 | 1;
}

/** The sync position of each user and device that we are on a platform, whatever the configuration calls the account. */
export interface AccountsTable {
  readonly platform: PlatformName;
  /** The platform's id of the account: `@bot:example.org`. */
  readonly account: string;
  /** '' if the platform has no devices. */
  readonly device: string;
  /** Matrix sync token; null before the first sync. */
  readonly sync_position: string | null;
}

/** The tokens that an account got instead of those in the configuration, one row an account. */
export interface CredentialsTable {
  readonly account: AccountId;
  /** Hash of the tokens in the configuration, which led to these: of other ones they are not used. */
  readonly origin: string;
  readonly access_token: string;
  readonly refresh_token: string;
  /** When the access token is renewed; null: not known. */
  readonly renew_at: Instant | null;
}

/** One subscription made by a command; those of the configuration are only in its file. */
export interface SubscriptionsTable {
  /** Increases with each row. */
  readonly seq: Generated<number>;
  /** The `subscriptionId` of its content: the same as in a file that it is pasted into. Unique. */
  readonly id: string;
  /** The room's written address, as in `rooms`. */
  readonly address: string;
  /** An event spec. */
  readonly events: string;
  readonly where: string | null;
  readonly template: string | null;
  /** The platform's id of the person who made it. */
  readonly author: string;
  readonly created_at: Instant;
}

/** A pause of a room, or of some events in it. A delivery that it stopped keeps its id as text in `mute`. */
export interface MutesTable {
  readonly id: Generated<number>;
  readonly room_id: number;
  /** An event spec; null: the whole room. */
  readonly events: string | null;
  readonly where: string | null;
  /** An event spec: events that it lets through; null: none. */
  readonly except: string | null;
  readonly until: Instant;
  /** The platform's id of a person, or `quiet hours`. */
  readonly author: string;
  readonly reason: string | null;
  readonly created_at: Instant;
  /** Null while it is active. */
  readonly ended_at: Instant | null;
  /** `time`, or the person who ended it early. */
  readonly ended_by: string | null;
}

/** Recurring quiet hours made by a command; those of the configuration are only in its file. */
export interface QuietHoursTable {
  readonly id: Generated<number>;
  readonly room_id: number;
  /** `22:00-07:00` */
  readonly hours: string;
  /** The weekdays on which they begin: `mon-fri`. */
  readonly days: string;
  /** IANA name; null: the time zone of the room. */
  readonly timezone: string | null;
  /** An event spec; null: the whole room. */
  readonly events: string | null;
  /** An event spec: events that they let through; null: none. */
  readonly except: string | null;
  /** The platform's id of the person who made them. */
  readonly author: string;
  readonly created_at: Instant;
}

/** One change made by a command. */
export interface AuditTable {
  readonly id: Generated<number>;
  readonly at: Instant;
  /** `<platform>:<address>` of the room of the command. */
  readonly address: string;
  readonly author: string;
  /** The command's name. */
  readonly command: string;
  /** Description of the change for people. */
  readonly what: string;
}

/** The name of a person who changed something by a command, as it was when they last did. */
export interface PeopleTable {
  readonly platform: PlatformName;
  /** The platform's id. */
  readonly id: string;
  /** As the platform gave it: foreign text. */
  readonly name: string;
}

/** A command that was run, so that it is not repeated if it is received again after a crash. */
export interface HandledCommandsTable {
  /** `matrix:$event_id`, `discord:<interaction id>`. */
  readonly key: string;
  /** Its answer. */
  readonly answer: JsonText;
  readonly at: Instant;
}

/** The account that answers a command which several accounts read, in a room that belongs to none of them. */
export interface CommandClaimsTable {
  /** `matrix:$event_id` */
  readonly key: string;
  readonly account: AccountId;
  readonly at: Instant;
}

/** A room that was greeted since it invited the bot, which happens once. */
export interface GreetingsTable {
  /** `<platform>:<resolved address>` */
  readonly address: string;
  readonly at: Instant;
}

/** The messages of shards in units of their own, until their account takes them. */
export interface HeardTable {
  readonly id: Generated<number>;
  readonly account: AccountId;
  readonly content: JsonText;
  readonly at: Instant;
}

/** Rooms, and what people changed in them by commands. */
export interface RoomTables {
  readonly rooms: RoomsTable;
  readonly accounts: AccountsTable;
  readonly credentials: CredentialsTable;
  readonly subscriptions: SubscriptionsTable;
  readonly mutes: MutesTable;
  readonly quiet_hours: QuietHoursTable;
  readonly audit: AuditTable;
  readonly people: PeopleTable;
  readonly handled_commands: HandledCommandsTable;
  readonly command_claims: CommandClaimsTable;
  readonly greetings: GreetingsTable;
  readonly heard: HeardTable;
}
