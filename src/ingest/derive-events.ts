import type { Log } from '../log.ts';
import type { Trx } from '../store/tables.ts';
import type { Derived } from '../subjects/derive.ts';
import type { Event } from '../words.ts';
import { type ConcludeOptions, conclusionsOf, mayConclude } from './conclude.ts';
import type { NewEvent } from './new-event.ts';
import type { Prepare } from './prepare.ts';

export interface DeriveEventsOptions extends ConcludeOptions {
  readonly prepare: Prepare;
  readonly log: Log;
  /** Called when our own code failed on an event. */
  readonly onFailed: () => void;
}

/** Derives events from those that are written. */
export interface DeriveEvents {
  /** Returns true if a subscription names something that may follow from an event. */
  mayDerive(event: Event): boolean;
  /** Returns the events that follow from one that was just written in `trx`, to be written directly behind it. */
  derivedFrom(trx: Trx, item: NewEvent, id: number): Promise<readonly NewEvent[]>;
}

/** Makes the part that derives events. A failure of our own code is logged, and nothing is derived. */
export function createDeriveEvents({ prepare, log, ...options }: DeriveEventsOptions): DeriveEvents {
  return {
    mayDerive: (event) => mayConclude(event, options),
    async derivedFrom(trx, { event, identity, awaitPostUntil, awaitAnswerUntil, catchUp }, id) {
      if (identity.key === null || !mayConclude(event, options)) return [];
      const conclude = await conclusionsOf(trx, { event, key: identity.key }, options);
      let derived: readonly Derived[];
      try {
        derived = conclude();
      } catch (err) {
        options.onFailed();
        log.error(
          { subject: event.subject, model: event.model, err },
          `could not derive events from ${event.model}#${event.type} ${event.subject}; none are sent`,
        );
        return [];
      }
      // A derived event waits for the post as long as its trigger does, and is part of the same digest.
      return derived.map((one) => ({
        ...prepare.route({ event: one.event, identity: one.identity, catchUp, error: null }),
        awaitPostUntil,
        awaitAnswerUntil,
        awaitDetailsUntil: null,
        trigger: { id, event },
      }));
    },
  };
}
