import type { DetailName } from '../catalogue/detail-names.ts';
import type { Identity } from '../catalogue/identity.ts';
import type { Priority } from '../router/priority.ts';
import type { SubscriptionOptions } from '../router/subscription-options.ts';
import type { Event, EventObject } from '../words.ts';
import type { NewNames } from './details/known-names.ts';
import type { Askable } from './details/want-details.ts';

/** The reason of a delivery that waits for the end of the `hold` of its subscription. */
export const HELD = 'held';

/** The reason of a delivery that waits for its post: it is sent as soon as the post is here. */
export const AWAITS_POST = 'awaits post';

/** The reason of a delivery that waits for the API: for a post that the source does not send, or for names. It is sent as soon as they are here. */
export const AWAITS_ANSWER = 'awaits answer';

/** The reason of a card, or of a report whose title may be hidden, that waits for the details of its post: it is sent as soon as they are here. */
export const AWAITS_DETAILS = 'awaits details';

/** One event for one room, as the router decided it. */
export interface NewDelivery {
  readonly roomId: number;
  readonly subscription: string;
  readonly template: string | null;
  readonly options: SubscriptionOptions;
  /** `<model> <row id>`, if an update of the row is not sent when it repeats the last message about it; null: it is not compared. */
  readonly rowKey: string | null;
  /** True if its room hides the titles of offensive posts, which their reasons tell. */
  readonly needsReasons: boolean;
  /** Why the condition of the subscription could not be evaluated; null: it could. */
  readonly conditionFailed: string | null;
}

/** A long gap, and the latest time until which its events wait for each other. Unix milliseconds. */
export interface CatchUp {
  /** When the gap began; its name. */
  readonly from: number;
  readonly until: number;
}

/** An event with everything that follows from it; written together or not at all. */
export interface NewEvent {
  readonly event: Event;
  /** Without a key it is never a duplicate. */
  readonly identity: Omit<Identity, 'key'> & { readonly key: string | null };
  readonly deliveries: readonly NewDelivery[];
  /**
   * Decides its deliveries by the values of its subject, once it is stored; then `deliveries` is empty. Null: no
   * condition asks about the subject.
   */
  readonly decide: ((subject: EventObject | null) => readonly NewDelivery[]) | null;
  /** End of the wait of its deliveries for their post, Unix milliseconds; null: they are sent at once. */
  readonly awaitPostUntil: number | null;
  /** End of the wait of its deliveries for the API, Unix milliseconds; null: no such wait. */
  readonly awaitAnswerUntil: number | null;
  /** End of the wait of its cards, and of its messages in rooms that hide titles, for the details of their post, Unix milliseconds; null: they are sent at once. */
  readonly awaitDetailsUntil: number | null;
  /** End of the wait for the name of the person who voted, or for the vote that it overtook, Unix milliseconds; null: no such wait. */
  readonly awaitNameUntil: number | null;
  /** Its place among the events for a room that is behind. */
  readonly priority: Priority;
  /** The long gap in which it was missed; null: none. */
  readonly catchUp: CatchUp | null;
  /** The error that our own code threw on it; it then has no deliveries, and waits for the operator. */
  readonly failure: string | null;
  /** The data about it that can be requested from metasmoke's API; null: none. */
  readonly askable: Askable | null;
  /** The details of its post that conditions ask about. */
  readonly details: readonly DetailName[];
  /** The names in it that are not stored yet. */
  readonly names: NewNames;
  /** The stored event from which a derived one follows: it stands directly behind that one. Null for other events. */
  readonly trigger: { readonly id: number; readonly event: Event } | null;
}
