import type { EventSpec } from '../metasmoke/event-spec.ts';
import type { SentType } from '../words.ts';

/** One confirmed identifier on one socket. */
export interface Subscriber {
  readonly spec: EventSpec;
  /** Hands over an event's part of the frame; what comes before it is the subscriber's own. */
  deliver(tail: Buffer): void;
}

/** Who hears what: indexed by model and type, so that an event costs only what its listeners cost. */
export interface Subscribers {
  add(subscriber: Subscriber): void;
  remove(subscriber: Subscriber): void;
  /** A model that a spec names twice delivers once. */
  of(model: string, type: SentType): Iterable<Subscriber>;
  readonly count: number;
}

export function createSubscribers(): Subscribers {
  const all = new Set<Subscriber>();
  const index = new Map<string, Set<Subscriber>>();
  const slots = function* (spec: EventSpec) {
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
    // A copy: a client that is dropped while an event goes round leaves the set.
    of: (model, type) => [...(index.get(`${model}#${type}`) ?? [])],
    get count() {
      return all.size;
    },
  };
}
