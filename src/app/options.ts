import type { Readable } from 'node:stream';
import type { Config } from '../config/config.ts';
import type { PlatformRules } from '../config/platform.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../time/clock.ts';
import type { Safeguards } from './safeguards.ts';

export interface AppOptions {
  readonly config: Config;
  /** Every platform, those that are not set up too. */
  readonly platforms: readonly PlatformRules[];
  readonly clock: Clock;
  readonly log: Log;
  /** Shows text in console rooms. Rejects if its reader is gone. */
  readonly write: (text: string) => Promise<void>;
  readonly color: boolean;
  /** The number of columns that console rooms are laid out in; null: not limited. */
  readonly columns: number | null;
  /** Where commands for console rooms are typed; null: nowhere. */
  readonly input: Readable | null;
  /** Lookout's own. */
  readonly version: string;
  /** The parts that keep the promises; a test may leave one out. */
  readonly safeguards: Safeguards;
}

/** Why the process should end by itself. */
export interface Ending {
  readonly reason: 'rejected' | 'unread';
  readonly text: string;
}
