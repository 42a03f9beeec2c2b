import { identify } from '../../src/catalogue/identity.ts';
import { toldBy } from '../../src/ingest/details/known-names.ts';
import type { NewDelivery, NewEvent } from '../../src/ingest/new-event.ts';
import { noOptions } from '../../src/router/subscription-options.ts';
import type { Event } from '../../src/words.ts';

/** An event that is ready to be written, as most tests want it: without deliveries and waits. */
export function aNewEvent(event: Event, parts: Partial<NewEvent> = {}): NewEvent {
  return {
    event,
    identity: identify(event),
    deliveries: [],
    decide: null,
    details: [],
    awaitPostUntil: null,
    awaitAnswerUntil: null,
    awaitDetailsUntil: null,
    awaitNameUntil: null,
    priority: { place: 0, ifAutoflagged: 0 },
    catchUp: null,
    failure: null,
    askable: null,
    names: { told: toldBy(event), unknown: [] },
    trigger: null,
    ...parts,
  };
}

/** A delivery for a room by a subscription that sets no option. */
export function aNewDelivery(roomId: number, parts: Partial<NewDelivery> = {}): NewDelivery {
  return {
    roomId,
    subscription: 's',
    template: null,
    options: noOptions,
    rowKey: null,
    needsReasons: false,
    conditionFailed: null,
    ...parts,
  };
}
