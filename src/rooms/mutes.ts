import type { Catalogue } from '../catalogue/catalogue.ts';
import type { EventSpec } from '../catalogue/event-spec.ts';
import type { Log } from '../log.ts';
import type { Condition } from '../router/condition.ts';
import { createConditionBudget, type TooMuch } from '../router/condition-budget.ts';
import { createLine } from '../store/line.ts';
import type { Database, Trx } from '../store/tables.ts';
import { readSubject } from '../subject-rows/read-subject.ts';
import type { Event } from '../words.ts';
import type { ActiveMute } from './active-mute.ts';
import { asksSubject, type CompiledMute, compileMute, coveringMute } from './compiled-mute.ts';
import { createMuteIndex } from './mute-index.ts';
import {
  activeMuteIds,
  endMuteRow,
  extendMuteRow,
  type IsOurs,
  insertMute,
  listActiveMutes,
  listActiveMutesOf,
  type NewMute,
} from './mute-rows.ts';

/** The mutes of all rooms. Rows are written in the caller's transaction; call `changed` after its commit. */
export interface Mutes {
  /** Reads the active mutes from the store. */
  load(): Promise<void>;
  /**
   * Returns the mute that stops an event now, or null. Of several, returns the one that ends last, whose notice then
   * covers the event. Reads what is stored about the event's post if a condition asks about it.
   */
  judge(roomId: number, event: Event, now: number): Promise<ActiveMute | null>;
  /** Returns the active mutes of a room, oldest first. */
  holding(roomId: number): readonly ActiveMute[];
  /** Returns the budget that the conditions of a room's mutes would exceed with one more; null: none. */
  tooMuch(roomId: number, events: EventSpec, where: Condition | null): TooMuch | null;
  /** Returns the id of the mute. */
  add(trx: Trx, mute: NewMute): Promise<number>;
  /** Moves the end of a mute. `reason` null: it keeps the one that it has. Returns false if the mute has ended. */
  extend(trx: Trx, id: number, until: number, reason: string | null): Promise<boolean>;
  /** Ends mutes of one room in `trx`: events that another mute still covers move to that one; one notice lists the others. */
  end(trx: Trx, ids: readonly number[], by: string, now: number): Promise<void>;
  /** Reads the active mutes of these rooms, and of no other, from the store. If that fails, `isStale` is true until all are read. */
  changed(...roomIds: readonly number[]): Promise<void>;
  /** True if those of a room could not be read after a change. */
  readonly isStale: boolean;
  /** Returns the active mutes of all rooms. */
  all(): Iterable<ActiveMute>;
  /** Returns the mutes whose time is over but that were not ended yet; those of one room oldest first. */
  over(now: number): readonly ActiveMute[];
  /** Number of conditions since the start that could not be evaluated on an event, which counts as not matched. */
  readonly conditionsFailed: number;
  /** Time when the next mute ends, Unix milliseconds; null: none is active. */
  readonly nextEnd: number | null;
}

/** Mutes of one room that are being ended. */
export interface EndedMutes {
  readonly mutes: readonly ActiveMute[];
  /** `time`, or the id of the person who ended them. */
  readonly by: string;
  /** Unix milliseconds. */
  readonly now: number;
  /** Returns the mute that covers an event from now on, or null; the function is null if no other mute is active. */
  readonly handOn: ((event: Event) => Promise<number | null>) | null;
}

export interface MutesOptions {
  readonly db: Database;
  /** Returns true if the mutes of a room belong to this process; null: all do. */
  readonly isOurs: IsOurs | null;
  readonly catalogue: Catalogue;
  /** Writes the notice about the end of mutes in the same transaction. */
  readonly onEnd: (trx: Trx, ended: EndedMutes) => Promise<void>;
  readonly log: Log;
}

export function createMutes({ db, isOurs, catalogue, onEnd, log }: MutesOptions): Mutes {
  const active = createMuteIndex();
  const line = createLine();
  let conditionsFailed = 0;
  let isStale = false;

  /** Reads the mutes of these rooms; null: of all. Of two readings at once, the first could otherwise put older rows in place of newer ones. */
  async function read(roomIds: readonly number[] | null): Promise<void> {
    await line.enter();
    try {
      const rows = await (roomIds === null ? listActiveMutes(db, isOurs) : listActiveMutesOf(db, isOurs, roomIds));
      active.replace(roomIds, rows.map(compile));
      isStale &&= roomIds !== null;
    } catch (err) {
      isStale = true;
      throw err;
    } finally {
      line.leave();
    }
  }

  function compile(mute: ActiveMute): CompiledMute {
    const compiled = compileMute(mute, catalogue);
    if (compiled.outcome === 'unreadable')
      log.error(
        { mute: mute.id, reason: compiled.reason },
        `mute m${mute.id} cannot be read and stops no events: ${compiled.reason}`,
      );
    return compiled.mute;
  }

  async function judge(
    from: Database | Trx,
    mutes: readonly CompiledMute[],
    event: Event,
    now: number,
  ): Promise<CompiledMute | null> {
    const subject = asksSubject(mutes) ? await readSubject(from, event, now) : null;
    return coveringMute(mutes, { event, subject }, now, (reason) => {
      conditionsFailed++;
      log.warn(
        { subject: event.subject, reason },
        `could not evaluate the condition of a mute on ${event.subject}, which counts as not matched: ${reason}`,
      );
    });
  }

  async function end(trx: Trx, ids: readonly number[], by: string, now: number): Promise<void> {
    const ended: ActiveMute[] = [];
    for (const id of ids) {
      const mute = active.get(id);
      if ((await endMuteRow(trx, id, by, now)) && mute !== undefined) ended.push(mute);
    }
    const [first] = ended;
    if (first === undefined) return;
    // Only another mute of the room can cover the events of these, and not one that this transaction has ended.
    const others = await activeMuteIds(trx, first.roomId, now);
    const remaining = active.ofRoom(first.roomId).filter((each) => others.has(each.id));
    const handOn = async (event: Event) => (await judge(trx, remaining, event, now))?.id ?? null;
    await onEnd(trx, { mutes: ended, by, now, handOn: others.size > 0 ? handOn : null });
  }

  return {
    load: () => read(null),
    judge: (roomId, event, now) => judge(db, active.ofRoom(roomId), event, now),
    holding: active.ofRoom,
    tooMuch(roomId, events, where) {
      const rooms = [String(roomId)];
      const budget = createConditionBudget();
      for (const { spec, condition } of active.ofRoom(roomId))
        if (spec !== null) budget.add({ events: spec, where: condition, rooms });
      return budget.tooMuch({ events, where, rooms });
    },
    add: insertMute,
    extend: extendMuteRow,
    end,
    changed: (...roomIds) => read(roomIds),
    get isStale() {
      return isStale;
    },
    all: active.all,
    over: (now) => [...active.all()].filter((mute) => mute.until <= now),
    get conditionsFailed() {
      return conditionsFailed;
    },
    get nextEnd() {
      let first: number | null = null;
      for (const { until } of active.all()) if (first === null || until < first) first = until;
      return first;
    },
  };
}
