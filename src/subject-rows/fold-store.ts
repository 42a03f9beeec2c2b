import { setImmediate } from 'node:timers/promises';
import type { Selectable } from 'kysely';
import type { EventsTable, PostRowsTable } from '../store/tables/events.ts';
import type { Trx } from '../store/tables.ts';
import { byTime, kindOf, numberOf, personOf } from '../subjects/fold-post.ts';
import type { Row } from '../subjects/fold-rows.ts';
import { addVersion, isDestroyedIn, type Layers, madeAt, merged, type Version } from '../subjects/layers.ts';
import { type Counts, type Kind, noCounts } from '../subjects/post-state.ts';
import type { EventObject, Role } from '../words.ts';

/** Number of events folded in one turn. */
const atOnce = 100;

/** The roles of rows that tell how a post stands. */
const folded: ReadonlySet<Role | null> = new Set(['report', 'vote', 'flag', 'deletion', 'comment', 'review'] as const);

/** The arrival of a post's report. */
export type Report = Pick<Selectable<EventsTable>, 'updated_at' | 'received_at' | 'origin'>;

/** A row, and the places of its long texts. */
export interface LayeredRow extends Row {
  readonly layers: Layers;
}

/** The stored state of a post; its rows are stored separately. */
export interface Fold {
  /** The id of the last event in the fold; 0: none. */
  readonly through: number;
  readonly counts: Counts;
  readonly report: Report | null;
  /** Arrival of the newest event in the fold, Unix milliseconds. */
  readonly changedAt: number;
}

const nothing: Fold = { through: 0, counts: noCounts, report: null, changedAt: 0 };

/** Returns the fold of a post, or null if it has none. */
export async function readFold(db: Pick<Trx, 'selectFrom'>, subject: string): Promise<Fold | null> {
  const row = await db.selectFrom('post_folds').selectAll().where('subject', '=', subject).executeTakeFirst();
  if (row === undefined) return null;
  return {
    through: row.through_event,
    counts: { ...noCounts, ...(JSON.parse(row.counts) as Partial<Counts>) },
    report: row.report === null ? null : (JSON.parse(row.report) as Report),
    changedAt: row.changed_at,
  };
}

/**
 * Adds the next events of a post to its fold, which is created if missing. The cost of an event does not grow with the
 * number of earlier ones.
 */
export async function foldNext(trx: Trx, subject: string): Promise<{ readonly fold: Fold; readonly isWhole: boolean }> {
  const known = await readFold(trx, subject);
  const events = await eventsAfter(trx, subject, known);
  const fold = await foldIn(trx, subject, known ?? nothing, events);
  if (events.length > 0 || known === null) await writeFold(trx, subject, fold);
  return { fold, isWhole: events.length < atOnce };
}

/**
 * Does the same in two steps: up to the newest event that is not derived, and then with it. Returns the results of
 * `read` after each step.
 */
export async function foldNewest<T>(
  trx: Trx,
  subject: string,
  known: Fold | null,
  read: (fold: Fold, event: Pick<Folding, 'role'> | null) => Promise<T>,
): Promise<{ readonly before: T; readonly after: T }> {
  let fold = known ?? nothing;
  let events = await eventsAfter(trx, subject, known);
  for (; events.length === atOnce; events = await eventsAfter(trx, subject, fold)) {
    fold = await foldIn(trx, subject, fold, events.slice(0, -1));
    await writeFold(trx, subject, fold);
    await setImmediate();
  }
  const newest = events.findLastIndex(({ origin }) => origin !== 'derived');
  fold = await foldIn(trx, subject, fold, events.slice(0, Math.max(0, newest)));
  const before = await read(fold, null);
  fold = await foldIn(trx, subject, fold, events.slice(Math.max(0, newest)));
  await writeFold(trx, subject, fold);
  return { before, after: await read(fold, events[newest] ?? null) };
}

/** Adds events that first came under another subject. Does nothing for a post without a fold. */
export async function foldTaken(trx: Trx, subject: string, ids: readonly number[]): Promise<void> {
  let fold = await readFold(trx, subject);
  if (fold === null) return;
  const { through } = fold;
  for (let at = 0; at < ids.length; at += atOnce) {
    const some = folding(trx).where('id', 'in', ids.slice(at, at + atOnce));
    fold = { ...(await foldIn(trx, subject, fold, await some.execute())), through };
  }
  await writeFold(trx, subject, fold);
}

/** Selects events with the names of their long texts instead of their content. */
function folding(trx: Pick<Trx, 'selectFrom'>) {
  return trx
    .selectFrom('events')
    .select(['id', 'model', 'role', 'row_id', 'type', 'updated_at', 'received_at', 'origin'])
    .select(['object', 'text_names']);
}

type Folding = Awaited<ReturnType<typeof eventsAfter>>[number];

async function eventsAfter(trx: Pick<Trx, 'selectFrom'>, subject: string, fold: Fold | null) {
  const some = folding(trx)
    .where('subject', '=', subject)
    .where('id', '>', fold?.through ?? 0);
  return some.orderBy('id').limit(atOnce).execute();
}

async function foldIn(trx: Trx, subject: string, fold: Fold, events: readonly Folding[]): Promise<Fold> {
  const counts = { ...fold.counts };
  let { through, report, changedAt } = fold;
  for (const event of events) {
    through = Math.max(through, event.id);
    changedAt = Math.max(changedAt, event.received_at);
    if (event.origin === 'derived' || event.row_id === null || !folded.has(event.role)) continue;
    if (event.role === 'report' && event.type === 'create') report ??= reportOf(event);
    await foldRow(trx, subject, event, counts);
  }
  return { through, counts, report, changedAt };
}

const reportOf = ({ updated_at, received_at, origin }: Folding): Report => ({ updated_at, received_at, origin });

function versionOf(event: Folding): Version {
  const { model, row_id: rowId, type, updated_at: updatedAt, received_at: receivedAt } = event;
  return {
    event: { model, rowId, type, updatedAt, receivedAt },
    arrival: event.id,
    columns: JSON.parse(event.object) as EventObject,
    texts: event.text_names?.split(' ') ?? [],
  };
}

async function foldRow(trx: Trx, subject: string, event: Folding, counts: Record<Kind, number>): Promise<void> {
  const { role, row_id: id } = event;
  if (role === null || id === null) return;
  const there = trx.selectFrom('post_rows').selectAll().where('subject', '=', subject).where('role', '=', role);
  const before = await there.where('row_id', '=', id).executeTakeFirst();
  const layers = addVersion(before === undefined ? [] : layersOf(before), versionOf(event));
  const row: Row = {
    role,
    id,
    object: merged(layers),
    isDestroyed: isDestroyedIn(layers),
    firstAt: Math.min(before?.first_at ?? event.received_at, event.received_at),
  };
  const kind = kindOf(row);
  const person = kind === null ? null : personOf(row);
  if (before?.counts === 1) counts[before.kind as Kind]--;
  if (before?.person != null && before.person !== person) await promote(trx, subject, before.person, row, counts);
  const isNewest = person === null || (await promote(trx, subject, person, row, counts));
  if (kind !== null && isNewest) counts[kind]++;
  const values = {
    layers: JSON.stringify(layers),
    is_destroyed: row.isDestroyed ? 1 : 0,
    first_at: row.firstAt,
    made_at: madeAt(row.object, row.firstAt),
    row_number: numberOf(id),
    kind,
    person,
    counts: kind !== null && isNewest ? 1 : 0,
  } as const;
  await trx
    .insertInto('post_rows')
    .values({ subject, role, row_id: id, ...values })
    .onConflict((c) => c.columns(['subject', 'role', 'row_id']).doUpdateSet(values))
    .execute();
}

/**
 * Makes only the newest feedback of a person count: updates the newest one besides `row`, and returns true if `row` is
 * the person's and newer.
 */
async function promote(
  trx: Trx,
  subject: string,
  person: string,
  row: Row,
  counts: Record<Kind, number>,
): Promise<boolean> {
  const other = await trx
    .selectFrom('post_rows')
    .selectAll()
    .where('subject', '=', subject)
    .where('person', '=', person)
    .where('row_id', '<>', row.id)
    .orderBy('made_at', 'desc')
    .orderBy('row_number', 'desc')
    .orderBy('row_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const isNewest =
    kindOf(row) !== null && personOf(row) === person && (other === undefined || byTime(rowOf(other), row) < 0);
  if (other === undefined || other.counts === (isNewest ? 0 : 1)) return isNewest;
  counts[other.kind as Kind] += isNewest ? -1 : 1;
  await trx
    .updateTable('post_rows')
    .set({ counts: isNewest ? 0 : 1 })
    .where('subject', '=', subject)
    .where('role', '=', other.role)
    .where('row_id', '=', other.row_id)
    .execute();
  return isNewest;
}

/** Returns the rows from the events of subjects without a fold, with their layers, by subject. */
export async function rowsWithLayers(
  db: Pick<Trx, 'selectFrom'>,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, readonly LayeredRow[]>> {
  if (subjects.length === 0) return new Map();
  const events = await folding(db).select('subject').where('subject', 'in', subjects).orderBy('id').execute();
  const rows = new Map<string, LayeredRow & { subject: string }>();
  for (const event of events) {
    const { subject, role, row_id: id } = event;
    if (event.origin === 'derived' || role === null || id === null) continue;
    const key = JSON.stringify([subject, role, id]);
    const before = rows.get(key);
    const layers = addVersion(before?.layers ?? [], versionOf(event));
    const firstAt = Math.min(before?.firstAt ?? event.received_at, event.received_at);
    rows.set(key, { subject, role, id, layers, object: merged(layers), isDestroyed: isDestroyedIn(layers), firstAt });
  }
  return Map.groupBy(rows.values(), ({ subject }) => subject);
}

async function writeFold(trx: Trx, subject: string, { through, counts, report, changedAt }: Fold): Promise<void> {
  const values = {
    through_event: through,
    counts: JSON.stringify(counts),
    report: report === null ? null : JSON.stringify(report),
    changed_at: changedAt,
  };
  await trx
    .insertInto('post_folds')
    .values({ subject, ...values })
    .onConflict((c) => c.column('subject').doUpdateSet(values))
    .execute();
}

function layersOf({ layers }: Pick<Selectable<PostRowsTable>, 'layers'>): Layers {
  return JSON.parse(layers) as Layers;
}

/** Reads a stored row without its long texts. */
export function rowOf(stored: Selectable<PostRowsTable>): LayeredRow {
  const layers = layersOf(stored);
  return {
    role: stored.role,
    id: stored.row_id,
    layers,
    object: merged(layers),
    isDestroyed: stored.is_destroyed === 1,
    firstAt: stored.first_at,
  };
}
