import type { Platform, Terminal } from '../adapters/platform.ts';
import type { Config } from '../config/config.ts';
import type { Loaded } from '../config/load-config.ts';
import type { Input } from '../inputs/input.ts';
import type { Log, LogLevelSwitch } from '../log.ts';
import type { Lease } from '../store/postgres/lease.ts';
import type { Database } from '../store/tables.ts';
import type { Clock } from '../time/clock.ts';
import type { Safeguards } from './safeguards.ts';
import type { Share } from './share.ts';

export interface AppOptions extends Terminal {
  readonly config: Config;
  /** Every platform, including those that are not configured. */
  readonly platforms: readonly Platform[];
  /** Every kind that a source may be; the configuration's is one of them. */
  readonly inputs: readonly Input[];
  readonly clock: Clock;
  readonly log: Log;
  readonly logLevel: LogLevelSwitch;
  /** Reads the configuration's file again; null: it does not change while Lookout runs. */
  readonly readConfig: (() => Loaded) | null;
  /** The version of Lookout. */
  readonly version: string;
  /** The parts that keep the promises; a test may leave one out. */
  readonly safeguards: Safeguards;
  /** The right to work on a PostgreSQL database, if this process waited for it; without one it is taken, if it is free. */
  readonly lease?: Lease | null;
  /** The share of the work that this app has; without one it is all of it. */
  readonly share?: Share;
  /** Fills the store before it is read; for a trial, whose store is new. */
  readonly seed?: (db: Database) => Promise<void>;
}

/** The reason why the process should end by itself. */
export interface Ending {
  readonly reason: 'rejected' | 'unread' | 'broken';
  readonly text: string;
}
