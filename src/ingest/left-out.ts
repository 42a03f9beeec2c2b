import { parseStoredOptions, type SubscriptionOptions } from '../router/subscription-options.ts';
import { inChunks } from '../store/in-chunks.ts';
import { statement } from '../store/statement.ts';
import type { Trx } from '../store/tables.ts';
import { readState } from '../subject-rows/known-post.ts';
import { isFalsePositive } from '../subjects/post-state.ts';
import { HELD } from './new-event.ts';

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

/** Reports of one room that were left out for the same one. */
interface LeftOut {
  readonly roomId: number;
  readonly subscription: string;
  readonly reports: readonly { readonly id: number; readonly subject: string; readonly receivedAt: number }[];
  readonly options: SubscriptionOptions;
}

/**
 * Brings back the reports that were left out for one that is removed from metasmoke, or was never there, where a card
 * showed that one, or nothing did yet: the post still stands, and nothing in the room shows it. Returns the rooms that get one.
 */
export async function bringBack(trx: Trx, removed: string, now: number): Promise<readonly number[]> {
  const rows = await trx
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select(['d.id', 'd.room_id', 'd.subject', 'd.subscription', 'd.options', 'e.received_at'])
    .where('d.left_out_for', '=', removed)
    .where('d.state', '=', 'cancelled')
    .where('e.received_at', '>', now - BACK_MS)
    .orderBy('d.id')
    .execute();
  const rooms: number[] = [];
  for (const inRoom of Map.groupBy(rows, (row) => `${row.room_id} ${row.subscription}`).values()) {
    const { room_id: roomId, subscription, options } = inRoom[0]!;
    const reports = inRoom.map((row) => ({ id: row.id, subject: row.subject, receivedAt: row.received_at }));
    const leftOut = { roomId, subscription, reports, options: parseStoredOptions(options) };
    if (await bringBackIn(trx, leftOut, removed, now)) rooms.push(roomId);
  }
  return rooms;
}

/** Gives a room the first of these reports whose post still stands; the others are left out for that one. Returns false if it gets none. */
async function bringBackIn(trx: Trx, leftOut: LeftOut, removed: string, now: number): Promise<boolean> {
  const { roomId, subscription, reports, options } = leftOut;
  if (!options.isCard && (await hasMessage(trx, { roomId, subscription, subject: removed }))) return false;
  for (const [index, { id, subject, receivedAt }] of reports.entries()) {
    const state = await readState(trx, subject);
    if (state.fate !== 'stands' || isFalsePositive(state)) continue;
    const isShown = {
      state: 'cancelled',
      reason: `removed, and reported as ${subject}, too`,
      settled_at: now,
    } as const;
    await waitingReport(trx, { roomId, subscription, subject: removed }).set(isShown).execute();
    const heldUntil = options.holdMs === null ? now : receivedAt + options.holdMs;
    const isHeld = heldUntil > now;
    await trx
      .updateTable('deliveries')
      .set({ state: 'waiting', left_out_for: null, settled_at: null, catch_up: null })
      .set({ due_at: Math.max(heldUntil, now), ready: isHeld ? 0 : 1, reason: isHeld ? HELD : null })
      .where('id', '=', id)
      .execute();
    const later = reports.slice(index + 1).map((report) => report.id);
    if (later.length > 0)
      await trx.updateTable('deliveries').set({ left_out_for: subject }).where('id', 'in', later).execute();
    return true;
  }
  return false;
}

interface OfReport {
  readonly roomId: number;
  readonly subscription: string;
  readonly subject: string;
}

/** Returns true if a message shows a report, or is about to. */
async function hasMessage(trx: Trx, { roomId, subscription, subject }: OfReport): Promise<boolean> {
  const row = await trx
    .selectFrom('deliveries')
    .select('id')
    .where('room_id', '=', roomId)
    .where('subject', '=', subject)
    .where('subscription', '=', subscription)
    .where('link', 'is not', null)
    .where('state', 'in', ['planned', 'sent'])
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The delivery of a report that no message shows yet. */
const waitingReport = (trx: Trx, { roomId, subscription, subject }: OfReport) =>
  trx
    .updateTable('deliveries')
    .where('room_id', '=', roomId)
    .where('subject', '=', subject)
    .where('subscription', '=', subscription)
    .where('link', 'is not', null)
    .where('state', '=', 'waiting');
