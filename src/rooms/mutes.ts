import type { Catalogue } from '../catalogue/catalogue.ts';
import { type EventSpec, parseEventSpec } from '../catalogue/event-spec.ts';
import type { Log } from '../log.ts';
import { type Condition, compileCondition } from '../router/condition.ts';
import { createConditionBudget, type TooMuch } from '../router/condition-budget.ts';
import { createJudge, type Judge } from '../router/judge.ts';
import { modelsOf } from '../router/spec-models.ts';
import type { Database, Trx } from '../store/tables.ts';
import type { Event } from '../words.ts';
import type { ActiveMute } from './active-mute.ts';

export type NewMute = Omit<ActiveMute, 'id'> & {
  /** Unix milliseconds. */
  readonly now: number;
};

/** The mutes of all rooms. Rows are written in the caller's transaction; call `changed` after its commit. */
export interface Mutes {
  /** Reads the active mutes from the store. */
  load(): Promise<void>;
  /**
   * Returns the mute that stops an event now, or null. Of several, returns the one that ends last, whose notice then
   * covers the event.
   */
  judge(roomId: number, event: Event, now: number): ActiveMute | null;
  /** Returns the active mutes of a room, oldest first. */
  holding(roomId: number): readonly ActiveMute[];
  /** Returns the budget that the conditions of a room's mutes would exceed with one more; null: none. */
  tooMuch(roomId: number, events: EventSpec, where: Condition | null): TooMuch | null;
  add(trx: Trx, mute: NewMute): Promise<void>;
  /** Ends a mute in `trx`: events that another mute still covers move to that one; a notice lists the others. */
  end(trx: Trx, id: number, by: string, now: number): Promise<void>;
  changed(roomId: number): Promise<void>;
  /** Returns the mutes whose time is over but that were not ended yet. */
  over(now: number): readonly ActiveMute[];
  /** Number of conditions since the start that could not be evaluated on an event, which counts as not matched. */
  readonly conditionsFailed: number;
  /** Time when the next mute ends, Unix milliseconds; null: none is active. */
  readonly nextEnd: number | null;
}

interface Known extends ActiveMute {
  readonly spec: EventSpec | null;
  readonly condition: Condition | null;
}

/** A mute that is being ended. */
export interface EndedMute {
  readonly mute: ActiveMute;
  /** `time`, or the name of the person who ended it. */
  readonly by: string;
  /** Unix milliseconds. */
  readonly now: number;
  /** Returns the mute that covers an event from now on, or null; the function is null if no other mute is active. */
  readonly handOn: ((event: Event) => number | null) | null;
}

export interface MutesOptions {
  readonly db: Database;
  readonly catalogue: Catalogue;
  /** Writes the notice about the end of a mute in the same transaction. */
  readonly onEnd: (trx: Trx, ended: EndedMute) => Promise<void>;
  readonly log: Log;
}

export function createMutes({ db, catalogue, onEnd, log }: MutesOptions): Mutes {
  let known: readonly Known[] = [];
  let conditionsFailed = 0;

  async function load(): Promise<void> {
    const rows = await db.selectFrom('mutes').selectAll().where('ended_at', 'is', null).orderBy('id').execute();
    known = rows.flatMap((row) => compile({ ...row, roomId: row.room_id }) ?? []);
  }

  function compile({ id, roomId, events, where, until, author, reason }: ActiveMute): Known | null {
    const mute = { id, roomId, events, where, until, author, reason };
    if (events === null) return { ...mute, spec: null, condition: null };
    const spec = parseEventSpec(events, catalogue);
    if (spec.outcome === 'problems') return ununderstood(mute, spec.problems[0]!.wrong);
    if (where === null) return { ...mute, spec: spec.spec, condition: null };
    const models = modelsOf(spec.spec, catalogue);
    const condition = compileCondition(where, models);
    if (condition.outcome === 'problems') return ununderstood(mute, condition.problems[0]!.wrong);
    return { ...mute, spec: spec.spec, condition: condition.condition };
  }

  /** Keeps a mute that cannot be read: it stops no events, and ends at its time. */
  function ununderstood(mute: ActiveMute, reason: string): Known {
    log.error({ mute: mute.id, reason }, `mute m${mute.id} cannot be read and stops no events: ${reason}`);
    return { ...mute, spec: new Map(), condition: null };
  }

  function covers({ spec, condition }: Known, event: Event, judge: Judge): boolean {
    if (spec === null) return true;
    if (spec.get(event.model)?.has(event.type) !== true) return false;
    if (condition === null) return true;
    const verdict = judge(condition);
    if (verdict.outcome === 'value') return verdict.value;
    conditionsFailed++;
    log.warn(
      { subject: event.subject, reason: verdict.reason },
      `could not evaluate the condition of a mute on ${event.subject}, which counts as not matched: ${verdict.reason}`,
    );
    return false;
  }

  /** Judges an event. `among`: the ids of the mutes to consider; null: all. */
  function judge(
    roomId: number,
    event: Event,
    now: number,
    among: ReadonlySet<number> | null = null,
  ): ActiveMute | null {
    let last: Known | null = null;
    const judged = createJudge(event);
    for (const mute of known) {
      if (mute.roomId !== roomId || mute.until <= now || among?.has(mute.id) === false) continue;
      if ((last === null || mute.until > last.until) && covers(mute, event, judged)) last = mute;
    }
    return last;
  }

  return {
    load,
    judge: (roomId, event, now) => judge(roomId, event, now),
    holding: (roomId) => known.filter((mute) => mute.roomId === roomId),
    tooMuch(roomId, events, where) {
      const rooms = [String(roomId)];
      const budget = createConditionBudget();
      for (const { spec, condition } of known.filter((mute) => mute.roomId === roomId))
        if (spec !== null) budget.add({ events: spec, where: condition, rooms });
      return budget.tooMuch({ events, where, rooms });
    },
    async add(trx, { roomId, events, where, until, author, reason, now }) {
      await trx
        .insertInto('mutes')
        .values({
          room_id: roomId,
          events,
          where,
          until,
          author,
          reason,
          created_at: now,
          ended_at: null,
          ended_by: null,
        })
        .execute();
    },
    async end(trx, id, by, now) {
      const mute = known.find((each) => each.id === id);
      const ended = await trx
        .updateTable('mutes')
        .set({ ended_at: now, ended_by: by })
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .executeTakeFirst();
      if (mute === undefined || ended.numUpdatedRows === 0n) return;
      // Only another mute of the room can cover the events of this one, and not one that this transaction has ended.
      const held = await trx
        .selectFrom('mutes')
        .select('id')
        .where('room_id', '=', mute.roomId)
        .where('ended_at', 'is', null)
        .where('until', '>', now)
        .execute();
      const others = new Set(held.map((row) => row.id));
      const handOn = others.size > 0 ? (event: Event) => judge(mute.roomId, event, now, others)?.id ?? null : null;
      await onEnd(trx, { mute, by, now, handOn });
    },
    changed: () => load(),
    over: (now) => known.filter((mute) => mute.until <= now),
    get conditionsFailed() {
      return conditionsFailed;
    },
    get nextEnd() {
      return known.length === 0 ? null : Math.min(...known.map((mute) => mute.until));
    },
  };
}
