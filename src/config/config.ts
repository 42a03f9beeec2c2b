import type { Catalogue } from '../catalogue/catalogue.ts';
import type { EventSpec } from '../catalogue/event-spec.ts';
import type { SourceKind } from '../catalogue/source-kind.ts';
import type { Network } from '../http/network.ts';
import type { LogLevel } from '../log.ts';
import type { Templates } from '../render/load-templates.ts';
import type { Subscription } from '../router/router.ts';
import type { Secret } from '../secrets/secret.ts';
import type { StorePlace } from '../store/place.ts';
import type { QuietHours } from '../time/quiet-hours.ts';
import type { AccountId, PlatformName } from '../words.ts';

/** A subscription of the file. */
export interface FileSubscription extends Subscription {
  /** The line of the file on which it begins, from 1. */
  readonly line: number;
  /** True if the file gives it an `id:`; else its id is a hash. */
  readonly isNamed: boolean;
}

/** A configuration in which nothing is wrong. Frozen, all the way down. */
export interface Config {
  /** The file, as it was named on the command line. */
  readonly file: string;
  readonly source: SourceConfig;
  readonly store: StoreConfig;
  /** The way in which connections leave this machine. */
  readonly network: Network;
  /** The packages and files that platforms of others were loaded from. */
  readonly adapters: readonly string[];
  /**
   * The settings of each account, as the folder of its platform reads them, in the order of the file. Each platform is
   * here by its name, too; null: it has no account without a name.
   */
  readonly chats: Readonly<Record<AccountId, object | null>>;
  /** Every room that can be spoken to: those of `rooms:`, then addresses that only a subscription names. */
  readonly rooms: readonly RoomConfig[];
  /** In the order of the file. */
  readonly subscriptions: readonly FileSubscription[];
  readonly commands: CommandsConfig;
  /** The address of the room that operators are told in; null: none. */
  readonly operators: string | null;
  /** True if a room that invites the bot is greeted. */
  readonly greets: boolean;
  /** The events that go first to a room that is behind. */
  readonly priority: readonly EventSpec[];
  /** From when on something is concluded. */
  readonly derived: DerivedConfig;
  readonly hub: HubConfig;
  /** Where metrics and readiness are served; null: nowhere. */
  readonly metrics: MetricsConfig | null;
  readonly logLevel: LogLevel;
  /** True if a change of the file or of a template is put into effect by itself. */
  readonly watchesFiles: boolean;
  readonly templates: Templates;
  readonly catalogue: Catalogue;
  /** Every secret that was read, so that none is shown or logged. */
  readonly secrets: readonly Secret[];
}

export interface SourceConfig {
  /** The kind of server. */
  readonly kind: SourceKind;
  /** `metasmoke` unless it is named; `demo` for the demo. */
  readonly name: string;
  /** `wss://…`, or `demo`: the built-in hub with sample events. */
  readonly url: string | 'demo';
  /** Null for the demo only. */
  readonly key: Secret | null;
  /** Where missed rows and the details of posts are fetched, without a slash at its end; null: nowhere. */
  readonly api: string | null;
  /** 24 hours by default. */
  readonly backfillMaxAgeMs: number;
  /** After a longer gap, one digest shows what was missed; 10 minutes by default. */
  readonly digestAfterMs: number;
  /** The most requests a minute that fetch details of posts; 20 by default. */
  readonly detailsPerMinute: number;
  /** 64 MiB by default. */
  readonly payloadLimitBytes: number;
  /** 15 minutes by default. */
  readonly quietAfterMs: number;
  /** Names of models beside those of metasmoke. */
  readonly models: readonly string[];
}

export type StoreConfig = ({ readonly kind: 'memory' } | StorePlace) & {
  /** Time for which settled deliveries are kept; 30 days by default. */
  readonly keepMs: number;
};

export interface RoomConfig {
  /** Its name in `rooms:`, or its address where a subscription names that alone. */
  readonly name: string;
  /** As written: `discord:123456789012345678`, `matrix:#a:example.org`, `console:smoke`. */
  readonly address: string;
  readonly platform: PlatformName;
  /** The account that speaks there. */
  readonly account: AccountId;
  /** IANA name; `UTC` by default. */
  readonly timeZone: string;
  /** None by default. */
  readonly quiet: readonly QuietRule[];
  /** The handling of more events than the room takes; null: one message an event, however long it takes. */
  readonly waves: Waves | null;
  /** True if titles of posts whose reasons say "offensive" are hidden behind a spoiler. False by default. */
  readonly masksOffensive: boolean;
  readonly commands: RoomCommands;
}

/** Quiet hours, and the events that they hold back. */
export interface QuietRule extends QuietHours {
  /** An event spec; null: all events. */
  readonly events: string | null;
  /** An event spec: events that are sent all the same; null: none. */
  readonly except: string | null;
}

export interface Waves {
  /** Above so many events a minute (60 by default) a digest takes the place of messages. */
  readonly digestAbove: number;
}

/** The people who may change a room by commands, beside those whom the platform lets. */
export interface RoomCommands {
  /** Platform ids of people. */
  readonly users: readonly string[];
  /** Ids of roles, where the platform has such. */
  readonly roles: readonly string[];
  /** The power that is needed, where people have such; null: the platform's own default. */
  readonly power: number | null;
}

export interface CommandsConfig {
  /** `listed` by default; `any`: a room that is not named becomes one by its first subscription. */
  readonly rooms: 'listed' | 'any';
  /** Subscriptions by command a room; 50 by default. */
  readonly perRoom: number;
  /** The people who may change every room. */
  readonly users: readonly string[];
  /** Servers all of whose people may. */
  readonly servers: readonly string[];
}

export interface DerivedConfig {
  /** A post that stands so long after its report is lingering; 10 minutes by default. */
  readonly lingeringAfterMs: number;
  /** A source that is away so long is lost; 2 minutes by default. */
  readonly lostAfterMs: number;
  /** Below so many requests that are left a detector's API quota is low; 1000 by default. */
  readonly quotaBelow: number;
}

export interface ListenConfig {
  /** 0 for any free one; 28080 by default for the hub, 9464 for metrics. */
  readonly port: number;
  /** 127.0.0.1 by default. */
  readonly host: string;
}

export interface MetricsConfig extends ListenConfig {
  /** Names that it is asked for by beside its own. */
  readonly names: readonly string[];
}

export interface HubConfig extends ListenConfig {
  readonly key: Secret | null;
  /** True: it serves metasmoke's legacy streams, too. */
  readonly legacy: boolean;
}
