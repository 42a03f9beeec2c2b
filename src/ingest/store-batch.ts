import { sql } from 'kysely';
import { noteNewsOf } from '../outbox/rows/note-news.ts';
import { inChunks } from '../store/in-chunks.ts';
import { statement } from '../store/statement.ts';
import type { Trx } from '../store/tables.ts';
import { noteLinks, twinsOf } from '../subject-rows/twins.ts';
import type { Clock } from '../time/clock.ts';
import type { Event, Role } from '../words.ts';
import { releaseNamed } from './await-name.ts';
import { storeKnown } from './details/store-known.ts';
import { type DeliveryRow, deliveryRowOf, eventRowOf, insertDeliveries, insertEvents } from './event-rows.ts';
import { readSubjectsIn } from './left-out.ts';
import { AWAITS_ANSWER, AWAITS_POST, type NewEvent } from './new-event.ts';
import { enqueue, releaseAwaiting } from './store-event.ts';

/** Deliveries after which everything else has its turn: an event may go to thousands of rooms. */
const DELIVERIES_A_TURN = 500;

/** An event that was written. */
export interface StoredItem {
  readonly id: number;
  readonly item: NewEvent;
}

/** The result of a batch. */
export interface StoredBatch {
  /** Events that are new, in their order; derived ones behind their triggers. */
  readonly stored: readonly StoredItem[];
  /** The ids of events stored before whose subject changed. */
  readonly moved: readonly number[];
  /** Rooms that have something to do. */
  readonly rooms: ReadonlySet<number>;
  /** Number of events that were known already. */
  readonly duplicates: number;
}

export interface StoreBatchOptions {
  /** Returns the events that follow from one that was just written; none for most. */
  readonly derivedFrom: (trx: Trx, item: NewEvent, id: number) => Promise<readonly NewEvent[]>;
  /** Returns true if something may follow from an event: it is then written by itself. */
  readonly mayDerive: (event: Event) => boolean;
  readonly clock: Clock;
}

/**
 * Writes events with their deliveries, in their order. Those for which nothing has to be read first share their statements:
 * that is most of a flood.
 */
export async function storeBatch(
  trx: Trx,
  batch: readonly NewEvent[],
  options: StoreBatchOptions,
): Promise<StoredBatch> {
  const stored: StoredItem[] = [];
  const moved: number[] = [];
  const rooms = new Set<number>();
  let duplicates = 0;
  let plain: NewEvent[] = [];

  async function flush(): Promise<void> {
    if (plain.length === 0) return;
    const done = await storePlain(trx, plain, options.clock);
    stored.push(...done.stored);
    for (const room of done.rooms) rooms.add(room);
    for (const item of done.known) await refresh(item);
    duplicates += done.known.length;
    plain = [];
  }

  /** A fetched row stands for its create; if that is known, the row refreshes the known facts. */
  async function refresh({ event }: NewEvent): Promise<void> {
    if (event.origin !== 'backfilled' || event.type !== 'create') return;
    for (const room of await storeKnown(trx, [event], event.receivedAt)) rooms.add(room);
  }

  async function storeAlone(item: NewEvent): Promise<void> {
    const written = await enqueue(trx, item);
    if (written === null) {
      duplicates++;
      return refresh(item);
    }
    const { id, event, deliveries, awaitAnswerUntil } = written;
    const asWritten = { ...item, event, deliveries, awaitAnswerUntil };
    stored.push({ id, item: asWritten });
    moved.push(...written.moved);
    for (const room of written.rooms) rooms.add(room);
    if (item.failure !== null) return;
    for (const derived of await options.derivedFrom(trx, asWritten, id)) {
      const more = await enqueue(trx, derived);
      if (more === null) continue;
      stored.push({ id: more.id, item: { ...derived, deliveries: more.deliveries } });
      for (const room of more.rooms) rooms.add(room);
    }
  }

  for (const item of batch) {
    if (isPlain(item) && !options.mayDerive(item.event)) plain.push(item);
    else {
      await flush();
      await storeAlone(item);
    }
  }
  await flush();
  return { stored, moved, rooms, duplicates };
}

/** Reviews find their post by their item, and an item changes its reviews. */
const ofReviews: ReadonlySet<Role | null> = new Set(['review_item', 'review'] as const);

/** Returns true if nothing has to be read before an event and its deliveries are written. */
function isPlain(item: NewEvent): boolean {
  const { event, identity, deliveries, decide, details, priority, askable, names, trigger, awaitNameUntil } = item;
  // Its name may be known already.
  if (awaitNameUntil !== null && event.type === 'create') return false;
  if (names.told !== null) return false;
  if (decide !== null || (askable !== null && details.length > 0)) return false;
  if (identity.key === null || identity.forgetAfterMs !== null || trigger !== null) return false;
  if (event.origin === 'derived' || event.updatedAt === null || ofReviews.has(event.role)) return false;
  // The report of a post that is left out may be brought back.
  if (event.role === 'report' && event.type === 'destroy') return false;
  const isReport = event.role === 'report' && event.type === 'create';
  if (deliveries.length > 0 && priority.place !== priority.ifAutoflagged) return false;
  if (askable !== null && event.role !== 'report') return false;
  return deliveries.every(
    ({ options: { details, mergeReportsMs } }) =>
      (askable === null || details.length === 0) && !(isReport && mergeReportsMs !== null),
  );
}

async function storePlain(trx: Trx, items: readonly NewEvent[], clock: Clock) {
  const byKey = new Map<string, NewEvent>();
  const known: NewEvent[] = [];
  for (const item of items) {
    const key = item.identity.key ?? '';
    if (byKey.has(key)) known.push(item);
    else byKey.set(key, item);
  }
  const inserted = await insertEvents.all(trx, [...byKey.values()].map(eventRowOf));
  const ids = new Map(inserted.map(({ id, identity }) => [identity ?? '', id]));
  const stored: StoredItem[] = [];
  for (const [key, item] of byKey) {
    const id = ids.get(key);
    if (id === undefined) known.push(item);
    else stored.push({ id, item });
  }
  await noteLinks(
    trx,
    stored.map(({ item }) => item.event),
  );
  await storeDeliveries(trx, stored, clock);
  const rooms = new Set(stored.flatMap(({ item }) => item.deliveries.map(({ roomId }) => roomId)));
  for (const room of await release(trx, stored)) rooms.add(room);
  const events = stored.map(({ item }) => item.event);
  for (const room of await releaseNamed(trx, events)) rooms.add(room);
  for (const room of await noteAllNews(trx, stored)) rooms.add(room);
  return { stored, known, rooms };
}

async function storeDeliveries(trx: Trx, stored: readonly StoredItem[], clock: Clock): Promise<void> {
  const delivered = stored.filter(({ item }) => item.deliveries.length > 0);
  const subjectIn = await readSubjectsIn(
    trx,
    delivered.map(({ item }) => item.event.subject),
  );
  let rows: DeliveryRow[] = [];
  const write = async () => {
    await insertDeliveries.all(trx, rows);
    rows = [];
  };
  for (const { id, item } of delivered) {
    for (const delivery of item.deliveries) {
      const subject = subjectIn(delivery.roomId, item.event.subject);
      rows.push(deliveryRowOf(id, item, delivery, { subject, merged: null, latest: 0, priority: item.priority.place }));
      if (rows.length < DELIVERIES_A_TURN) continue;
      await write();
      await clock.turn();
    }
  }
  await write();
}

// One statement for each, because SQLite uses a partial index only if it sees its condition in the text.
const anyAwaitsPost = statement((db) =>
  db.selectFrom('deliveries').select('id').where('reason', '=', sql.lit(AWAITS_POST)).limit(sql.lit(1)),
);

const anyAwaitsAnswer = statement((db) =>
  db.selectFrom('deliveries').select('id').where('reason', '=', sql.lit(AWAITS_ANSWER)).limit(sql.lit(1)),
);

/** Releases the deliveries that wait for a post, since the post is here. Returns their rooms. */
async function release(trx: Trx, stored: readonly StoredItem[]): Promise<readonly number[]> {
  const posts = stored.filter(({ item: { event } }) => event.role === 'report' && event.type === 'create');
  if (posts.length === 0) return [];
  if (((await anyAwaitsPost.first(trx, {})) ?? (await anyAwaitsAnswer.first(trx, {}))) === undefined) return [];
  const rooms: number[] = [];
  for (const { item } of posts) rooms.push(...(await releaseAwaiting(trx, item.event.subject, item.event.receivedAt)));
  return rooms;
}

interface OfSubject {
  readonly subject: string;
}

/** Finds the subjects that a card or a digest shows. */
const shown = inChunks((db, rows: readonly OfSubject[]) => {
  const subjects = rows.map(({ subject }) => subject);
  return db
    .selectFrom('cards')
    .select('subject')
    .where('subject', 'in', subjects)
    .union(db.selectFrom('digest_lines').select('subject').where('subject', 'in', subjects));
});

async function noteAllNews(trx: Trx, stored: readonly StoredItem[]): Promise<ReadonlySet<number>> {
  const newest = new Map(stored.map(({ item: { event } }) => [event.subject, event.receivedAt]));
  for (const [subject, twins] of await twinsOf(trx, [...newest.keys()]))
    for (const twin of twins) if (!newest.has(twin)) newest.set(twin, newest.get(subject) ?? 0);
  const found = await shown.all(
    trx,
    [...newest.keys()].map((subject) => ({ subject })),
  );
  const rooms = new Set<number>();
  for (const { subject } of found)
    for (const room of await noteNewsOf(trx, subject, newest.get(subject) ?? 0)) rooms.add(room);
  return rooms;
}
