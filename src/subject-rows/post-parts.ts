import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import { postIdOf } from '../catalogue/subject.ts';
import type { Database, Trx } from '../store/tables.ts';
import { byTime, type PostParts, partsOf } from '../subjects/fold-post.ts';
import { foldRows, type Row } from '../subjects/fold-rows.ts';
import { textsIn } from '../subjects/layers.ts';
import { type Kind, kinds, LISTED } from '../subjects/post-state.ts';
import type { Event, EventObject, Role } from '../words.ts';
import {
  type Fold,
  foldNewest,
  foldNext,
  type LayeredRow,
  type Report,
  readFold,
  rowOf,
  rowsWithLayers,
} from './fold-store.ts';
import { readEvents } from './read-events.ts';

/** Number of events above which a post has a fold in the store. The events of other posts are read each time. */
export const MOST_READ = 60;
/** Number of texts read in one query. */
const TOGETHER = 100;
/** Largest number of rows of each role that are read of a post, newest first. */
const MOST_ROWS = 1_000;

/** The parts of a post, and the arrival of its report; null if none arrived. */
export interface WholeParts {
  readonly parts: PostParts;
  readonly report: Report | null;
}

/**
 * Returns the parts of a post from everything stored about it, with its long texts. The cost does not grow with the
 * number of its events.
 */
export async function readWholeParts(db: Database | Trx, subject: string): Promise<WholeParts> {
  if (await isLong(db, subject))
    return foldedUp(db, subject, async (trx, fold) => {
      const parts = await withTexts(trx, await partsIn(trx, subject, fold, kinds));
      return { parts, report: fold.report };
    });
  const rows = (await rowsWithLayers(db, [subject])).get(subject) ?? [];
  const report = await db
    .selectFrom('events')
    .select(['updated_at', 'received_at', 'origin'])
    .where('subject', '=', subject)
    .where('role', '=', sql.lit('report'))
    .where('type', '=', 'create')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return { parts: await withTexts(db, partsOf(rows)), report: report ?? null };
}

/**
 * Reads what the parts of posts, without long texts, are made of. Returns a function that makes them, by subject; so a
 * bug in it does not count as a store that cannot be read. Unknown posts are missing.
 */
export async function readParts(
  db: Database | Trx,
  subjects: readonly string[],
): Promise<() => ReadonlyMap<string, PostParts>> {
  if (subjects.length === 0) return () => new Map();
  const long = await longOnes(db, subjects);
  const few = await readEvents(
    db,
    subjects.filter((subject) => !long.has(subject)),
  );
  const folded = new Map<string, PostParts>();
  for (const subject of long)
    folded.set(subject, await foldedUp(db, subject, (trx, fold) => partsIn(trx, subject, fold, kinds)));
  return () => new Map([...[...few].map(([subject, events]) => [subject, eventParts(events)] as const), ...folded]);
}

/** Returns the parts of one post without long texts. */
export async function readPartsOf(db: Database | Trx, subject: string): Promise<PostParts> {
  const few = (await readFold(db, subject)) === null ? await fewEvents(db, subject) : null;
  if (few !== null) return eventParts(few);
  return foldedUp(db, subject, (trx, fold) => partsIn(trx, subject, fold, kinds));
}

/** The parts of a post before and after its newest event. */
export interface ChangedParts {
  readonly before: PostParts;
  readonly after: PostParts;
}

/**
 * Reads the change by the newest event of a post, which the same transaction wrote. `listed`: the kinds of rows in the
 * lists of a post with many events; those of another one contain all.
 */
export async function readChangedParts(
  trx: Trx,
  subject: string,
  listed: readonly Kind[],
): Promise<() => ChangedParts> {
  const fold = await readFold(trx, subject);
  const few = fold === null ? await fewEvents(trx, subject) : null;
  if (few !== null) {
    const sent = few.filter(({ origin }) => origin !== 'derived');
    return () => ({ before: eventParts(sent.slice(0, -1)), after: eventParts(sent) });
  }
  // SQLite queries do not yield, and one transaction may write many such events.
  await setImmediate();
  let post: LayeredRow | undefined;
  const change = await foldNewest(trx, subject, fold, async (now, event) => {
    if (event === null || event.role === 'report') post = await postRow(trx, subject);
    return { post, counts: now.counts, listed: await listedRows(trx, subject, now, listed) };
  });
  return () => change;
}

const eventParts = (events: readonly Event[]): PostParts => partsOf(foldRows(events));

/** Returns all events of a post without long texts; null if there are too many to be read. */
async function fewEvents(db: Database | Trx, subject: string): Promise<readonly Event[] | null> {
  const events = (await readEvents(db, [subject], MOST_READ + 1)).get(subject) ?? [];
  return events.length > MOST_READ ? null : events;
}

/** Returns the newest known rows of a post, at most 1,000 of each of these roles, without long texts. */
export async function readRows(db: Database | Trx, subject: string, roles: readonly Role[]): Promise<readonly Row[]> {
  if (!(await isLong(db, subject))) return foldRows((await readEvents(db, [subject])).get(subject) ?? []);
  return foldedUp(db, subject, async (trx) => {
    const found: Row[] = [];
    for (const role of roles) {
      const rows = rowsOf(trx, subject).where('role', '=', role).orderBy('made_at', 'desc').limit(MOST_ROWS);
      found.push(...(await rows.execute()).map(rowOf));
    }
    return found;
  });
}

/** Returns the known values of these rows of a post, without long texts. */
export async function readTheseRows(
  db: Database | Trx,
  subject: string,
  these: readonly Pick<Event, 'role' | 'rowId'>[],
): Promise<readonly Row[]> {
  if (!(await isLong(db, subject))) return foldRows((await readEvents(db, [subject])).get(subject) ?? []);
  return foldedUp(db, subject, async (trx) => {
    const found: Row[] = [];
    for (const { role, rowId } of these) {
      const rows = rowsOf(trx, subject).where('role', '=', role).where('row_id', '=', rowId);
      found.push(...(await rows.execute()).map(rowOf));
    }
    return found;
  });
}

async function isLong(db: Database | Trx, subject: string): Promise<boolean> {
  return (await longOnes(db, [subject])).has(subject);
}

/** Returns the subjects that have a fold, or enough events for one. */
async function longOnes(db: Database | Trx, subjects: readonly string[]): Promise<ReadonlySet<string>> {
  const folds = await db.selectFrom('post_folds').select('subject').where('subject', 'in', subjects).execute();
  const known = new Set(folds.map(({ subject }) => subject));
  const others = subjects.filter((subject) => !known.has(subject) && postIdOf(subject) !== null);
  if (others.length === 0) return known;
  const many = await db
    .selectFrom('events')
    .select('subject')
    .where('subject', 'in', others)
    .groupBy('subject')
    .having((e) => e.fn.countAll(), '>', MOST_READ)
    .execute();
  return new Set([...known, ...many.map(({ subject }) => subject)]);
}

/** Updates the fold of a post, some events per turn, and reads in the transaction of the last turn. */
async function foldedUp<T>(
  db: Database | Trx,
  subject: string,
  read: (trx: Trx, fold: Fold) => Promise<T>,
): Promise<T> {
  for (;;) {
    const done = await inTransaction(db, async (trx) => {
      const { fold, isWhole } = await foldNext(trx, subject);
      return isWhole ? { value: await read(trx, fold) } : null;
    });
    if (done !== null) return done.value;
    await setImmediate();
  }
}

function inTransaction<T>(db: Database | Trx, work: (trx: Trx) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db as Trx) : db.transaction().execute(work);
}

function rowsOf(trx: Trx, subject: string) {
  return trx.selectFrom('post_rows').selectAll().where('subject', '=', subject);
}

async function postRow(trx: Trx, subject: string): Promise<LayeredRow | undefined> {
  const row = await rowsOf(trx, subject).where('role', '=', sql.lit('report')).limit(1).executeTakeFirst();
  return row === undefined ? undefined : rowOf(row);
}

async function partsIn(trx: Trx, subject: string, fold: Fold, listed: readonly Kind[]): Promise<PostParts<LayeredRow>> {
  const { counts } = fold;
  return { post: await postRow(trx, subject), counts, listed: await listedRows(trx, subject, fold, listed) };
}

/** Returns the first and the newest rows of these kinds, in order of time. */
async function listedRows(
  trx: Trx,
  subject: string,
  { counts }: Fold,
  wanted: readonly Kind[],
): Promise<readonly LayeredRow[]> {
  const found: LayeredRow[] = [];
  for (const kind of wanted) {
    if (counts[kind] === 0) continue;
    const rows = rowsOf(trx, subject).where('kind', '=', kind).where('counts', '=', sql.lit(1));
    const ordered = async (order: 'asc' | 'desc', limit: number) => {
      const some = rows.orderBy('made_at', order).orderBy('row_number', order).orderBy('row_id', order);
      return (await some.limit(limit).execute()).map(rowOf);
    };
    if (counts[kind] <= 2 * LISTED) found.push(...(await ordered('asc', 2 * LISTED)));
    else found.push(...(await ordered('asc', LISTED)), ...(await ordered('desc', LISTED)));
  }
  return found.sort(byTime);
}

/** Adds the long texts to the rows of a post, if the events that contain them still exist. */
async function withTexts(db: Database | Trx, { post, counts, listed }: PostParts<LayeredRow>): Promise<PostParts> {
  const rows = post === undefined ? listed : [post, ...listed];
  const whole = await rowsWithTexts(db, rows);
  if (post === undefined) return { post, counts, listed: whole };
  return { post: whole[0], counts, listed: whole.slice(1) };
}

async function rowsWithTexts(db: Database | Trx, rows: readonly LayeredRow[]): Promise<readonly Row[]> {
  const texts = rows.map(({ layers }) => Object.entries(textsIn(layers)));
  const ids = [...new Set(texts.flat().map(([, id]) => id))];
  const objects = new Map<number, EventObject>();
  for (let at = 0; at < ids.length; at += TOGETHER) {
    const some = ids.slice(at, at + TOGETHER);
    const held = await db.selectFrom('events').select(['id', 'texts']).where('id', 'in', some).execute();
    for (const { id, texts: own } of held) if (own !== null) objects.set(id, JSON.parse(own) as EventObject);
  }
  return rows.map(({ layers: _, ...row }, index) => {
    const held = texts[index]!.flatMap(([column, id]) => {
      const value = objects.get(id)?.[column];
      return value === undefined ? [] : [[column, value] as const];
    });
    return { ...row, object: { ...row.object, ...Object.fromEntries(held) } };
  });
}
