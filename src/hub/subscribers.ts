import type { SentSpec } from '../catalogue/event-spec.ts';
import type { SentType } from '../words.ts';

/** One confirmed identifier on one socket. */
export interface Subscriber {
  /** Empty: it is sent the legacy streams. */
  readonly spec: SentSpec;
  /** Sends the event's part of the frame; the subscriber adds the part before it. */
  deliver(tail: Buffer): void;
}

/** The subscribers of each model and type, indexed so that an event costs only as much as it has recipients. */
export interface Subscribers {
  add(subscriber: Subscriber): void;
  remove(subscriber: Subscriber): void;
  /** Returns the subscribers of a model and type. A subscriber whose spec names a model twice appears once. */
  of(model: string, type: SentType): Iterable<Subscriber>;
  /** Returns the subscribers of the legacy streams. */
  ofLegacy(): Iterable<Subscriber>;
  readonly count: number;
}

/** The slot of the legacy streams. No model has this name. */
const legacySlot = '';

export function createSubscribers(): Subscribers {
  const all = new Set<Subscriber>();
  const index = new Map<string, Set<Subscriber>>();
  const slots = function* (spec: SentSpec) {
    if (spec.size === 0) yield legacySlot;
    for (const [model, types] of spec) for (const type of types) yield `${model}#${type}`;
  };
  return {
    add(subscriber) {
      all.add(subscriber);
      for (const slot of slots(subscriber.spec)) {
        const set = index.get(slot) ?? new Set();
        index.set(slot, set.add(subscriber));
      }
    },
    remove(subscriber) {
      all.delete(subscriber);
      for (const slot of slots(subscriber.spec)) {
        const set = index.get(slot);
        set?.delete(subscriber);
        if (set?.size === 0) index.delete(slot);
      }
    },
    // A copy, because a client that is dropped during the loop leaves the set.
    of: (model, type) => [...(index.get(`${model}#${type}`) ?? [])],
    ofLegacy: () => [...(index.get(legacySlot) ?? [])],
    get count() {
      return all.size;
    },
  };
}
