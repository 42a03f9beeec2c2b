import type { Log } from '../log.ts';
import type { Catalogue } from '../metasmoke/catalogue.ts';
import { type EventSpec, parseEventSpec } from '../metasmoke/event-spec.ts';
import { type Condition, compileCondition } from '../router/condition.ts';
import { createConditionBudget, type TooMuch } from '../router/condition-budget.ts';
import { createJudge, type Judge } from '../router/judge.ts';
import { modelsOf } from '../router/spec-models.ts';
import type { Database, Trx } from '../store/tables.ts';
import type { Event } from '../words.ts';
import type { HeldMute } from './held-mute.ts';

export type NewMute = Omit<HeldMute, 'id'> & {
  /** Unix milliseconds. */
  readonly now: number;
};

/** The mutes of all rooms. Rows are written in the transaction of whoever changes them; `changed` follows after the commit. */
export interface Mutes {
  /** Reads what holds from the store. */
  load(): Promise<void>;
  /** The mute that stops an event now: of several the one that ends last, whose notice then tells of it; null: none. */
  judge(roomId: number, event: Event, now: number): HeldMute | null;
  /** Those that hold in a room, oldest first. */
  holding(roomId: number): readonly HeldMute[];
  /** Why the conditions of a room's mutes would be too much with one more; null: they would not. */
  tooMuch(roomId: number, events: EventSpec, where: Condition | null): TooMuch | null;
  add(trx: Trx, mute: NewMute): Promise<void>;
  /** Ends a mute: what another one still covers is handed on to it, of the rest the room gets a notice, all in `trx`. */
  end(trx: Trx, id: number, by: string, now: number): Promise<void>;
  changed(roomId: number): Promise<void>;
  /** Those whose time is over, and that nobody ended yet. */
  over(now: number): readonly HeldMute[];
  /** How many conditions could not be evaluated on an event since the start, which counts as not matched. */
  readonly conditionsFailed: number;
  /** When the next one ends, Unix milliseconds; null: none holds. */
  readonly nextEnd: number | null;
}

interface Known extends HeldMute {
  readonly spec: EventSpec | null;
  readonly condition: Condition | null;
}

/** A mute that ends. */
export interface EndedMute {
  readonly mute: HeldMute;
  /** `time`, or who ended it. */
  readonly by: string;
  /** Unix milliseconds. */
  readonly now: number;
  /** Gives the mute that covers an event from now on; null if no other mute holds at all. */
  readonly handOn: ((event: Event) => number | null) | null;
}

export interface MutesOptions {
  readonly db: Database;
  readonly catalogue: Catalogue;
  /** Writes the notice about the end of a mute into the same transaction. */
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

  function compile({ id, roomId, events, where, until, author, reason }: HeldMute): Known | null {
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

  /** It covers nothing, and ends in its time. */
  function ununderstood(mute: HeldMute, reason: string): Known {
    log.error({ mute: mute.id, reason }, `mute m${mute.id} is not understood and stops nothing: ${reason}`);
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
      `the condition of a mute failed on ${event.subject} and counts as not matched: ${verdict.reason}`,
    );
    return false;
  }

  /** `among`: the ids of those that may; all that are known without it. */
  function judge(roomId: number, event: Event, now: number, among: ReadonlySet<number> | null = null): HeldMute | null {
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
      // Only another mute of the room can cover what this one held; not one that was ended a moment ago in this transaction.
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
