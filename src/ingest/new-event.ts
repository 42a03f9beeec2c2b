import type { Identity } from '../metasmoke/identity.ts';
import type { Priority } from '../router/priority.ts';
import type { SubscriptionOptions } from '../router/subscription-options.ts';
import type { Event } from '../words.ts';
import type { Askable } from './details/want-details.ts';

/** Why a delivery waits for its post: it goes as soon as the post is here. */
export const AWAITS_POST = 'awaits post';

/** One event for one room, as the router decided it. */
export interface NewDelivery {
  readonly roomId: number;
  readonly subscription: string;
  readonly template: string | null;
  readonly options: SubscriptionOptions;
  /** Why the condition of the subscription could not be evaluated; null: it could. */
  readonly conditionFailed: string | null;
}

/** A long gap, and until when at the latest what was missed in it waits for the rest. Unix milliseconds. */
export interface CatchUp {
  /** When the gap began; its name. */
  readonly from: number;
  readonly until: number;
}

/** The time at which an event came, Unix milliseconds by a clock that is never set. It matters to events that are known for a while only (`forgetAfterMs`). */
export interface ArrivalTime {
  readonly at: number;
  /** When this process began: what an earlier one stored may bear times that are still to come, if the clock was set back since. */
  readonly startedAt: number;
}

/** An event with all that it leads to; written together or not at all. */
export interface NewEvent {
  readonly event: Event;
  /** Without a key it is never taken for another. */
  readonly identity: Omit<Identity, 'key'> & { readonly key: string | null };
  readonly arrivalTime: ArrivalTime;
  readonly deliveries: readonly NewDelivery[];
  /** Until when its deliveries wait for their post, Unix milliseconds; null: they go at once. */
  readonly awaitPostUntil: number | null;
  /** How soon it goes to a room that is behind. */
  readonly priority: Priority;
  /** The long gap that it was missed in; null: none. */
  readonly catchUp: CatchUp | null;
  /** The error that our own code threw on it; it then has no deliveries, and waits for the operator. */
  readonly failure: string | null;
  /** The data about it that can be requested from metasmoke's API; null: none. */
  readonly askable: Askable | null;
  /** The stored event from which a derived one follows: it stands directly behind that one. Null for other events. */
  readonly trigger: { readonly id: number; readonly event: Event } | null;
}
