import { parseStoredOptions } from '../router/subscription-options.ts';
import { inChunks } from '../store/in-chunks.ts';
import { statement } from '../store/statement.ts';
import type { Trx } from '../store/tables.ts';
import { readState } from '../subject-rows/known-post.ts';
import { isFalsePositive } from '../subjects/post-state.ts';

/** Age up to which a report that was left out is brought back, ms: the first one may be removed long after it was news. */
const BACK_MS = 24 * 3_600_000;

interface OfSubject {
  readonly subject: string;
}

const leftOut = inChunks((db, rows: readonly OfSubject[]) =>
  db
    .selectFrom('deliveries')
    .select(['room_id', 'subject', 'left_out_for'])
    .where(
      'subject',
      'in',
      rows.map(({ subject }) => subject),
    )
    .where('left_out_for', 'is not', null),
);

/** Returns the subject under which a room has an event about `subject`. */
export type SubjectIn = (roomId: number, subject: string) => string;

/**
 * Finds the rooms that have another report of the same post instead of these subjects (`merge_reports`): what is about
 * the one that was left out goes to that one, so that its card shows it and no second card appears.
 */
export async function readSubjectsIn(trx: Trx, subjects: Iterable<string>): Promise<SubjectIn> {
  const rows = await leftOut.all(
    trx,
    [...new Set(subjects)].map((subject) => ({ subject })),
  );
  const found = new Map(rows.map((row) => [`${row.room_id} ${row.subject}`, row.left_out_for]));
  return (roomId, subject) => found.get(`${roomId} ${subject}`) ?? subject;
}

interface Move {
  readonly roomId: number;
  readonly from: string;
  readonly to: string;
}

/** Gives the waiting deliveries of a subject to another one: its report was left out after them. */
export const moveWaiting = statement((db, { roomId, from, to }: Move) =>
  db
    .updateTable('deliveries')
    .set({ subject: to })
    .where('room_id', '=', roomId)
    .where('subject', '=', from)
    .where('state', '=', 'waiting'),
);

/**
 * Brings back the reports that were left out for one that is removed from metasmoke, or was never there, where a card
 * showed that one: the post still stands, and has no card any more. Returns the rooms that get one.
 */
export async function bringBack(trx: Trx, removed: string, now: number): Promise<readonly number[]> {
  const rows = await trx
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select(['d.id', 'd.room_id', 'd.subject', 'd.options'])
    .where('d.left_out_for', '=', removed)
    .where('d.state', '=', 'cancelled')
    .where('e.received_at', '>', now - BACK_MS)
    .orderBy('d.id')
    .execute();
  const rooms = new Map<number, string>();
  for (const { id, room_id: roomId, subject, options } of rows) {
    const first = rooms.get(roomId);
    const change = trx.updateTable('deliveries').where('id', '=', id);
    if (first !== undefined) {
      await change.set({ left_out_for: first }).execute();
      continue;
    }
    if (!parseStoredOptions(options).isCard) continue;
    const state = await readState(trx, subject);
    if (state.fate !== 'stands' || isFalsePositive(state)) continue;
    const waits = {
      state: 'waiting',
      reason: null,
      left_out_for: null,
      settled_at: null,
      due_at: now,
      ready: 1,
    } as const;
    await change.set(waits).execute();
    rooms.set(roomId, subject);
  }
  return [...rooms.keys()];
}
