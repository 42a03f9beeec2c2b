import type { Platform, Terminal } from '../adapters/platform.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../time/clock.ts';
import type { Safeguards } from './safeguards.ts';

export interface AppOptions extends Terminal {
  readonly config: Config;
  /** Every platform, those that are not set up too. */
  readonly platforms: readonly Platform[];
  readonly clock: Clock;
  readonly log: Log;
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
