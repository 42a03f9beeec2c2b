import type { EventSpec } from '../catalogue/event-spec.ts';
import type { Condition } from './condition.ts';
import { limits } from './condition-language.ts';

/** A condition, and the rooms and events for which it runs. */
export interface Conditional {
  readonly events: EventSpec;
  readonly where: Condition | null;
  /** Written addresses. */
  readonly rooms: readonly string[];
}

/** The budget that one more condition would exceed. */
export interface TooMuch {
  /** A room's address; null: all rooms together. */
  readonly room: string | null;
  /** `posts#create` */
  readonly event: string;
  /** Total size of all different conditions of that event, with the additional one. */
  readonly size: number;
  readonly limit: number;
}

/**
 * The total sizes of all conditions that may run on one event, in each room and in all rooms. Equal conditions count
 * once, because they run once.
 */
export interface ConditionBudget {
  add(one: Conditional): void;
  /** Takes back what was added. */
  remove(one: Conditional): void;
  /** Returns the budget that one more condition would exceed; null: none. */
  tooMuch(one: Conditional): TooMuch | null;
}

export function createConditionBudget(): ConditionBudget {
  /** The different conditions, how often each was added, and their total size, by event, and by room and event. */
  const known = new Map<string, { readonly uses: Map<string, number>; size: number }>();

  function* places({ events, rooms }: Conditional) {
    for (const [model, types] of events)
      for (const type of types) {
        const event = `${model}#${type}`;
        for (const room of rooms)
          yield { key: JSON.stringify([room, event]), room, event, limit: limits.size.room } as const;
        yield { key: JSON.stringify([event]), room: null, event, limit: limits.size.event } as const;
      }
  }

  return {
    add(one) {
      if (one.where === null || one.where.size === 0) return;
      const { source, size } = one.where;
      for (const { key } of places(one)) {
        const there = known.get(key) ?? { uses: new Map<string, number>(), size: 0 };
        const uses = there.uses.get(source) ?? 0;
        if (uses === 0) there.size += size;
        there.uses.set(source, uses + 1);
        known.set(key, there);
      }
    },
    remove(one) {
      if (one.where === null || one.where.size === 0) return;
      const { source, size } = one.where;
      for (const { key } of places(one)) {
        const there = known.get(key);
        const uses = there?.uses.get(source);
        if (there === undefined || uses === undefined) throw new Error(`the budget of ${key} does not have ${source}`);
        there.uses.set(source, uses - 1);
        if (uses > 1) continue;
        there.uses.delete(source);
        there.size -= size;
        if (there.uses.size === 0) known.delete(key);
      }
    },
    tooMuch(one) {
      if (one.where === null) return null;
      for (const { key, room, event, limit } of places(one)) {
        const there = known.get(key);
        if (there?.uses.has(one.where.source)) continue;
        const size = one.where.size + (there?.size ?? 0);
        if (size > limit) return { room, event, size, limit };
      }
      return null;
    },
  };
}

/**
 * Formats `the conditions on posts#create would have size 2600 together in this room, and may have 2500`. `place`: `in
 * this room`, `in all rooms`.
 */
export function sayTooMuch({ event, size, limit }: TooMuch, place: string): string {
  return `the conditions on ${event} would have size ${size} together ${place}; the limit is ${limit}`;
}
