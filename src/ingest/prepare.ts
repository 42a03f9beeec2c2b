import type { Catalogue } from '../catalogue/catalogue.ts';
import type { EventSpec } from '../catalogue/event-spec.ts';
import type { Identity } from '../catalogue/identity.ts';
import type { SourceKind } from '../catalogue/source-kind.ts';
import type { Log } from '../log.ts';
import type { MaskedRooms } from '../rooms/masked-rooms.ts';
import { priorityOf } from '../router/priority.ts';
import type { Router, Subscription } from '../router/router.ts';
import { asOnWall, type Clock } from '../time/clock.ts';
import type { Event, EventObject, Origin } from '../words.ts';
import { type KnownNames, noNames } from './details/known-names.ts';
import type { Askable } from './details/want-details.ts';
import type { CatchUp, NewDelivery, NewEvent } from './new-event.ts';
import type { IngestSafeguards } from './safeguards.ts';
import { createWaits, type WaitsOptions } from './waits.ts';

export interface PrepareOptions extends Pick<WaitsOptions, 'pace' | 'newestPost'> {
  readonly source: string;
  readonly kind: Pick<SourceKind, 'decode' | 'salvage'>;
  readonly catalogue: Catalogue;
  readonly router: Router;
  /** Returns the events that are sent first to a room that is behind. */
  readonly priority: () => readonly EventSpec[];
  readonly roomId: (address: string) => number | undefined;
  readonly names: Pick<KnownNames, 'of' | 'siteOf'>;
  /** Returns true if there is an API that can be asked about posts. */
  readonly hasApi: () => boolean;
  /** The rooms that hide titles, for which the reasons of posts are wanted. */
  readonly masked: MaskedRooms;
  /** Called when a condition of a subscription could not be evaluated, and counts as matched. */
  readonly onConditionFailed: () => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly safeguards: IngestSafeguards;
}

/** An event that came, not routed yet. */
export interface Arrival {
  readonly event: Event;
  /** Null: not known yet. */
  readonly identity: Identity | null;
  readonly catchUp: CatchUp | null;
  /** The error of our own code on it; it is then not routed. */
  readonly error: unknown;
}

/** The result of reading a message of the source. */
export type Read =
  | { readonly outcome: 'event'; readonly arrival: Arrival }
  | { readonly outcome: 'ignored' }
  | { readonly outcome: 'malformed'; readonly reason: string };

/** Makes events ready to be written: decoded, known by an identity, with a delivery for each room that subscribes to them. */
export interface Prepare {
  /** Reads a message. Never throws. */
  read(message: unknown, origin: Origin, catchUp: CatchUp | null): Read;
  /** Routes an event. Never throws: an event that our own code fails on gets a `failure`. */
  route(arrival: Arrival): NewEvent;
}

/** Makes the part that prepares events. */
export function createPrepare(options: PrepareOptions): Prepare {
  const { clock, log, router, safeguards } = options;
  const report = options.catalogue.ofRole('report')?.name;
  const waitsOf = createWaits(options);
  const siteOf = (id: number) => options.names.siteOf(id);

  function routed(event: Event, identity: Identity, catchUp: CatchUp | null): NewEvent {
    const priority = priorityOf(event, options.priority());
    // Commands change what is requested.
    const asksForPosts = report !== undefined && (router.union.get(report)?.has('create') ?? false);
    const waits = waitsOf(event, asksForPosts);
    const asked: Askable = asksForPosts ? 'details and posts' : 'details';
    const askable = options.hasApi() ? asked : null;
    const asksSubject = router.asksSubject(event);
    const isReported = event.role === 'report' && event.type === 'create';
    const deliveries = asksSubject ? [] : deliveriesOf(event, null);
    const isShown = asksSubject || deliveries.length > 0;
    const masked = options.masked();
    const isSomewhereMasked = isReported || asksSubject || deliveries.some(({ roomId }) => masked.has(roomId));
    const asksReasons = masked.size > 0 && isSomewhereMasked;
    const item = {
      event,
      identity,
      ...waits,
      awaitAnswerUntil: null,
      priority,
      catchUp,
      askable,
    };
    return {
      ...item,
      deliveries,
      decide: asksSubject ? (subject) => deliveriesOf(event, subject) : null,
      details: [...(asksSubject || isReported ? router.details : []), ...(asksReasons ? (['reasons'] as const) : [])],
      names: options.names.of(event, { mayAsk: askable !== null && isShown }),
      ...{ failure: null, trigger: null },
    };
  }

  function deliveriesOf(event: Event, subject: EventObject | null): NewDelivery[] {
    const byRoom = new Map<number, NewDelivery>();
    const masked = options.masked();
    for (const { room, subscription, conditionFailed } of router.route(asOnWall(clock, event), subject)) {
      const roomId = options.roomId(room);
      if (roomId === undefined) throw new Error(`no such room: ${room}`);
      if (conditionFailed !== null) {
        options.onConditionFailed();
        log.warn(
          { subscription: subscription.id, subject: event.subject, reason: conditionFailed },
          `the condition of subscription ${subscription.id} failed on ${event.subject} and counts as matched: ${conditionFailed}`,
        );
      }
      if (byRoom.has(roomId)) continue;
      const { id, template, options: chosen } = subscription;
      const found = { rowKey: rowKeyOf(event, subscription), needsReasons: masked.has(roomId), conditionFailed };
      byRoom.set(roomId, { roomId, subscription: id, template, options: chosen, ...found });
    }
    return [...byRoom.values()];
  }

  function failed(event: Event, identity: Identity | null, err: unknown): NewEvent {
    log.error(
      { subject: event.subject, model: event.model, err },
      `${event.model}#${event.type} ${event.subject} failed; it is kept, \`lookout outbox\` lists it`,
    );
    return failedEvent(event, identity, err);
  }

  return {
    read(message, origin, catchUp) {
      const receivedAt = clock.now();
      try {
        const { source, kind, catalogue } = options;
        const decoded = kind.decode(message, { source, receivedAt, origin, catalogue, siteOf });
        if (decoded.outcome !== 'event') return decoded;
        return { outcome: 'event', arrival: { event: decoded.event, identity: null, catchUp, error: null } };
      } catch (error) {
        const event = options.kind.salvage(message, { source: options.source, receivedAt, origin });
        return { outcome: 'event', arrival: { event, identity: null, catchUp, error } };
      }
    },
    route({ event, identity, catchUp, error }) {
      if (error !== null) return failed(event, null, error);
      let known = identity;
      try {
        known ??= safeguards.identify(event);
        return routed(event, known, catchUp);
      } catch (err) {
        return failed(event, known, err);
      }
    },
  };
}

/** Returns the key of the row under which the messages of a subscription are compared; null: they are not. */
function rowKeyOf({ model, rowId, type }: Event, { events, options }: Subscription): string | null {
  if (rowId === null || options.isCard) return null;
  // An update behind the message of a destroy is news.
  return type === 'destroy' || events.get(model)?.has('update') === true ? `${model} ${rowId}` : null;
}

/** An event that our own code failed on: it has no deliveries, and waits for the operator. */
export function failedEvent(event: Event, identity: Identity | null, err: unknown): NewEvent {
  return {
    event,
    // Without an identity no duplicate is found.
    identity: identity ?? { key: null, forgetAfterMs: null },
    awaitPostUntil: null,
    awaitAnswerUntil: null,
    awaitDetailsUntil: null,
    awaitNameUntil: null,
    priority: { place: 0, ifAutoflagged: 0 },
    catchUp: null,
    askable: null,
    names: noNames,
    trigger: null,
    deliveries: [],
    decide: null,
    details: [],
    failure: err instanceof Error ? err.message : String(err),
  };
}
