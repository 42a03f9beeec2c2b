import type { Catalogue } from '../catalogue/catalogue.ts';
import type { PlatformRules } from '../config/platform.ts';
import type { Inline } from '../render/message.ts';
import type { LiveSubscriptions } from '../rooms/live-subscriptions.ts';
import type { Database } from '../store/tables.ts';
import type { EventObject } from '../words.ts';
import type { CommandRoom } from './command-room.ts';

export type Words = readonly (string | Inline)[];

/** The outcome of an event, in words. */
export interface FateText {
  /** As a sentence without its full stop. */
  readonly sentence: Words;
  /** In a list behind the event. */
  readonly short: Words;
}

/** The parts that the fate of an event is read from. */
export interface FateParts {
  readonly db: Database;
  readonly catalogue: Catalogue;
  readonly live: Pick<LiveSubscriptions, 'ofRoom' | 'find'>;
  readonly platforms: readonly PlatformRules[];
}

/** The room in which an event is explained, and the present values of its subject. */
export interface FateContext {
  readonly room: CommandRoom;
  readonly subject: EventObject | null;
  /** The room does not see the title of its post. */
  readonly isHidden: boolean;
  readonly now: number;
}
