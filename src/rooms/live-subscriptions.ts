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

/** A subscription that a command made, as this version reads it. It is compiled once, when it is first in effect. */
interface Made {
  readonly stored: StoredSubscription;
  compiled: RoomSubscription | Broken | null;
}

/**
 * Creates the live subscriptions. A stored one that this version cannot compile is logged and left out, but stays
 * stored. One that begins or ends costs the same, however many others there are.
 */
export function createLiveSubscriptions({ stored, catalogue, log, ...first }: LiveOptions): LiveSubscriptions {
  /** All that commands made, active or not, oldest first. */
  const ofCommands = new Map<string, Made>();
  let file: FromFile = first;
  const known = new Map<string, RoomSubscription>();
  const broken = new Map<string, Broken>();
  let byRoom = new Map<string, RoomSubscription[]>();
  let current = createRouter([], catalogue);
  let budget: ConditionBudget = createConditionBudget();

  function compile(one: StoredSubscription): RoomSubscription | Broken {
    const compiled = compileStored(one, catalogue);
    if (typeof compiled !== 'string') return { ...compiled, stored: one, inFile: null };
    log.error(
      { subscription: one.id, room: one.address, reason: compiled },
      `subscription ${one.id} of ${one.address} cannot be read and is inactive: ${compiled}`,
    );
    return { stored: one, reason: compiled };
  }

  function take(made: Made): void {
    const { id } = made.stored;
    // The subscription was exported and pasted into the file.
    if (known.has(id)) return;
    made.compiled ??= compile(made.stored);
    if ('reason' in made.compiled) broken.set(id, made.compiled);
    else begin(made.compiled);
  }

  function begin(one: RoomSubscription): void {
    known.set(one.id, one);
    current.add(one);
    budget.add(one);
    for (const address of one.rooms) {
      const there = byRoom.get(address);
      if (there) there.push(one);
      else byRoom.set(address, [one]);
    }
  }

  /** Ends a subscription of commands; one of the file stays. */
  function drop(id: string): void {
    broken.delete(id);
    const one = known.get(id);
    if (one === undefined || one.stored === null) return;
    known.delete(id);
    current.remove(one);
    budget.remove(one);
    for (const address of one.rooms) {
      const others = (byRoom.get(address) ?? []).filter((other) => other !== one);
      if (others.length > 0) byRoom.set(address, others);
      else byRoom.delete(address);
    }
  }

  function configure(next: FromFile): void {
    file = next;
    known.clear();
    broken.clear();
    byRoom = new Map();
    current = createRouter([], catalogue);
    budget = createConditionBudget();
    for (const one of next.fromFile) begin({ ...one, stored: null, inFile: one });
    for (const made of ofCommands.values()) if (next.isRoom(made.stored.address)) take(made);
  }

  /** Begins and ends what is different now. Compiles only what is new. */
  function replaceStored(all: readonly StoredSubscription[]): void {
    const before = [...ofCommands.values()];
    const now = all.map((one) => {
      const made = ofCommands.get(one.id);
      return made !== undefined && isSame(made.stored, one) ? made : { stored: one, compiled: null };
    });
    const wanted = new Set(now);
    const kept = before.filter((made) => wanted.has(made));
    ofCommands.clear();
    for (const made of now) ofCommands.set(made.stored.id, made);
    // The order decides which of two is tried first.
    if (kept.some((made, index) => now[index] !== made)) configure(file);
    else {
      for (const made of before) if (!wanted.has(made)) drop(made.stored.id);
      for (const made of now.slice(kept.length)) if (file.isRoom(made.stored.address)) take(made);
    }
  }

  for (const one of stored) ofCommands.set(one.id, { stored: one, compiled: null });
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
    ofRoom: (address) => [...(byRoom.get(address) ?? [])],
    find: (id) => known.get(id),
    brokenIn: (address) => [...broken.values()].filter(({ stored: one }) => one.address === address),
    tooMuch: (one) => budget.tooMuch(one),
    add(one) {
      const made = { stored: one, compiled: null };
      ofCommands.set(one.id, made);
      take(made);
    },
    remove(id) {
      ofCommands.delete(id);
      drop(id);
    },
    configure,
    replaceStored,
  };
}

const fields = ['id', 'address', 'events', 'where', 'template', 'author', 'createdAt'] as const;

const isSame = (a: StoredSubscription, b: StoredSubscription): boolean =>
  fields.every((field) => a[field] === b[field]);
