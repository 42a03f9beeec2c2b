import type { Log } from '../log.ts';
import type { Catalogue } from '../metasmoke/catalogue.ts';
import { type ConditionBudget, createConditionBudget, type TooMuch } from '../router/condition-budget.ts';
import { createRouter, type Router, type Subscription } from '../router/router.ts';
import { compileStored, type StoredSubscription } from './stored-subscriptions.ts';

/** A subscription of a room, and where it is from. */
export type Heard = Subscription & {
  /** Null for one of the configuration. */
  readonly stored: StoredSubscription | null;
};

/** A stored subscription that an earlier version understood, and why this one does not. */
export interface Broken {
  readonly stored: StoredSubscription;
  readonly reason: string;
}

/** All subscriptions that hold, those of the file before those of commands; they change while events flow. */
export interface LiveSubscriptions {
  /** Routes by what holds now. */
  readonly router: Router;
  /** Those that a room hears, in the order that they are asked in. */
  ofRoom(address: string): readonly Heard[];
  find(id: string): Heard | undefined;
  /** Those of a room that this version does not understand: they do nothing, but can be removed. */
  brokenIn(address: string): readonly Broken[];
  /** Why a room's conditions, or all, would be too much with one more; null: they would not. */
  tooMuch(one: Subscription): TooMuch | null;
  /** From the next event on. */
  add(stored: StoredSubscription): void;
  remove(id: string): void;
}

export interface LiveOptions {
  readonly fromFile: readonly Subscription[];
  readonly stored: readonly StoredSubscription[];
  readonly catalogue: Catalogue;
  readonly log: Log;
}

/** A stored one that a newer version does not understand is left out with a word in the log, and stays stored. */
export function createLiveSubscriptions({ fromFile, stored, catalogue, log }: LiveOptions): LiveSubscriptions {
  const known = new Map<string, Heard>();
  const broken = new Map<string, Broken>();
  let byRoom = new Map<string, Heard[]>();
  let current = createRouter([]);
  let budget: ConditionBudget = createConditionBudget();

  function take(one: StoredSubscription): void {
    // One that was exported and pasted into the file is there already.
    if (known.has(one.id)) return;
    const compiled = compileStored(one, catalogue);
    if (typeof compiled === 'string') {
      broken.set(one.id, { stored: one, reason: compiled });
      log.error(
        { subscription: one.id, room: one.address, reason: compiled },
        `subscription ${one.id} of ${one.address} is not understood and does nothing: ${compiled}`,
      );
    } else known.set(one.id, { ...compiled, stored: one });
  }

  function rebuild(): void {
    const all = [...known.values()];
    current = createRouter(all);
    byRoom = new Map();
    budget = createConditionBudget();
    for (const one of all) {
      budget.add(one);
      for (const address of one.rooms) {
        const there = byRoom.get(address);
        if (there) there.push(one);
        else byRoom.set(address, [one]);
      }
    }
  }

  for (const one of fromFile) known.set(one.id, { ...one, stored: null });
  for (const one of stored) take(one);
  rebuild();

  return {
    router: {
      route: (event) => current.route(event),
      names: (model, type) => current.names(model, type),
      get union() {
        return current.union;
      },
    },
    ofRoom: (address) => byRoom.get(address) ?? [],
    find: (id) => known.get(id),
    brokenIn: (address) => [...broken.values()].filter(({ stored: one }) => one.address === address),
    tooMuch: (one) => budget.tooMuch(one),
    add(one) {
      take(one);
      rebuild();
    },
    remove(id) {
      broken.delete(id);
      if (known.get(id)?.stored !== null) known.delete(id);
      rebuild();
    },
  };
}
