import type { Catalogue } from '../catalogue/catalogue.ts';
import type { FileSubscription } from '../config/config.ts';
import type { Log } from '../log.ts';
import { type ConditionBudget, createConditionBudget, type TooMuch } from '../router/condition-budget.ts';
import { createRouter, type Router, type Subscription } from '../router/router.ts';
import { compileStored, type StoredSubscription } from './stored-subscriptions.ts';

/** A subscription of a room, and its origin. */
export type RoomSubscription = Subscription & {
  /** The stored subscription; null for one of the configuration. */
  readonly stored: StoredSubscription | null;
  /** Its place in the configuration; null for one made by a command. */
  readonly inFile: Pick<FileSubscription, 'line' | 'isNamed'> | null;
};

/** A subscription stored by an earlier version that this one cannot compile, and the reason. */
export interface Broken {
  readonly stored: StoredSubscription;
  readonly reason: string;
}

/** All subscriptions in effect, those of the file before those of commands. They change while events arrive. */
export interface LiveSubscriptions {
  /** Routes by the subscriptions now in effect. */
  readonly router: Router;
  /** Returns the subscriptions of a room in the order in which they are tried. */
  ofRoom(address: string): readonly RoomSubscription[];
  find(id: string): RoomSubscription | undefined;
  /** Returns the subscriptions of a room that this version cannot compile. They do nothing, but can be removed. */
  brokenIn(address: string): readonly Broken[];
  /** Returns the budget that one more condition would exceed, of the room or of all rooms; null: none. */
  tooMuch(one: Subscription): TooMuch | null;
  /** Adds a subscription, from the next event on. */
  add(stored: StoredSubscription): void;
  remove(id: string): void;
  /** The configuration has these subscriptions and rooms from now on. Those of commands stay. */
  configure(file: FromFile): void;
  /** Commands made these subscriptions, some of them in other processes. */
  replaceStored(stored: readonly StoredSubscription[]): void;
}

/** The part of a configuration that decides which subscriptions are in effect. */
export interface FromFile {
  readonly fromFile: readonly FileSubscription[];
  /** Returns true if a room takes messages: a subscription that a command made elsewhere is inactive. */
  readonly isRoom: (address: string) => boolean;
}

export interface LiveOptions extends FromFile {
  readonly stored: readonly StoredSubscription[];
  readonly catalogue: Catalogue;
  readonly log: Log;
}

/**
 * Creates the live subscriptions. A stored one that this version cannot compile is logged and left out, but stays
 * stored.
 */
export function createLiveSubscriptions({ stored, catalogue, log, ...first }: LiveOptions): LiveSubscriptions {
  /** All that commands made, active or not, oldest first. */
  const ofCommands = new Map(stored.map((one) => [one.id, one]));
  let file: FromFile = first;
  const known = new Map<string, RoomSubscription>();
  const broken = new Map<string, Broken>();
  let byRoom = new Map<string, RoomSubscription[]>();
  let current = createRouter([], catalogue);
  let budget: ConditionBudget = createConditionBudget();

  function take(one: StoredSubscription): void {
    // The subscription was exported and pasted into the file.
    if (known.has(one.id)) return;
    const compiled = compileStored(one, catalogue);
    if (typeof compiled === 'string') {
      broken.set(one.id, { stored: one, reason: compiled });
      log.error(
        { subscription: one.id, room: one.address, reason: compiled },
        `subscription ${one.id} of ${one.address} cannot be read and is inactive: ${compiled}`,
      );
    } else known.set(one.id, { ...compiled, stored: one, inFile: null });
  }

  function rebuild(): void {
    const all = [...known.values()];
    current = createRouter(all, catalogue);
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

  function configure(next: FromFile): void {
    file = next;
    known.clear();
    broken.clear();
    const { fromFile, isRoom } = next;
    for (const one of fromFile) known.set(one.id, { ...one, stored: null, inFile: one });
    for (const one of ofCommands.values()) if (isRoom(one.address)) take(one);
    rebuild();
  }
  configure(first);

  return {
    router: {
      route: (event, subject) => current.route(event, subject),
      asksSubject: (event) => current.asksSubject(event),
      get details() {
        return current.details;
      },
      names: (model, type) => current.names(model, type),
      get needed() {
        return current.needed;
      },
      get union() {
        return current.union;
      },
    },
    ofRoom: (address) => byRoom.get(address) ?? [],
    find: (id) => known.get(id),
    brokenIn: (address) => [...broken.values()].filter(({ stored: one }) => one.address === address),
    tooMuch: (one) => budget.tooMuch(one),
    add(one) {
      ofCommands.set(one.id, one);
      take(one);
      rebuild();
    },
    remove(id) {
      ofCommands.delete(id);
      broken.delete(id);
      if (known.get(id)?.stored !== null) known.delete(id);
      rebuild();
    },
    configure,
    replaceStored(all) {
      ofCommands.clear();
      for (const one of all) ofCommands.set(one.id, one);
      configure(file);
    },
  };
}
