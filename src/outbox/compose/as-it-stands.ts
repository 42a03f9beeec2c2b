import type { Database } from '../../store/tables.ts';
import { readState } from '../../subject-rows/known-post.ts';
import { asItStands } from '../../subjects/fold-post.ts';
import type { Clock } from '../../time/clock.ts';
import type { Event } from '../../words.ts';

/** Time for which a post's state is used again, ms: one event goes to many rooms. */
const SAME_MOMENT_MS = 1_000;

/**
 * Returns the event that a message shows instead of a given one. That of an update of a report has the columns of which
 * metasmoke sends old values (`deleted_at` after an undeletion, verdicts before a vote) as the post stands now. A derived
 * one that came before anything was known of the report has the columns that are known since.
 */
export type ReadAsItStands = (event: Event) => Promise<Event>;

/** Creates the reader of reports as they stand. It returns the same event for the same one within a second. */
export function createReadAsItStands(db: Database, clock: Clock): ReadAsItStands {
  const recent = new WeakMap<Event, { readonly at: number; readonly event: Promise<Event> }>();
  return (event) => {
    if (!needsState(event)) return Promise.resolve(event);
    const now = clock.monotonic();
    const known = recent.get(event);
    if (known !== undefined && now - known.at < SAME_MOMENT_MS) return known.event;
    const read = readAsItStands(db, event);
    recent.set(event, { at: now, event: read });
    // A database that fails now may work at the next attempt.
    read.catch(() => recent.delete(event));
    return read;
  };
}

/** Reads the event that a message shows instead of a given one. */
export async function readAsItStands(db: Database, event: Event): Promise<Event> {
  if (!needsState(event)) return event;
  const state = await readState(db, event.subject);
  return { ...event, object: lacksRow(event) ? { ...state.row, ...event.object } : asItStands(event.object, state) };
}

const needsState = (event: Event): boolean => mayBeOld(event) || lacksRow(event);

function lacksRow({ role, origin, object }: Event): boolean {
  return role === 'report' && origin === 'derived' && !('link' in object);
}

/** Returns true for a row whose columns may be older than what other rows told. */
function mayBeOld({ role, type, origin }: Event): boolean {
  return role === 'report' && (type === 'update' || (type === 'create' && origin === 'backfilled'));
}
