import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import { postIdOf } from '../catalogue/subject.ts';
import type { Database, Trx } from '../store/tables.ts';
import { byTime, foldPost, postOf, stateOf } from '../subjects/fold-post.ts';
import { foldRows, type Row } from '../subjects/fold-rows.ts';
import { textsIn } from '../subjects/layers.ts';
import { type Kind, kinds, LISTED, type PostState } from '../subjects/post-state.ts';
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
/** Number of posts, or texts, read in one query. */
const TOGETHER = 100;
/** Largest number of rows of each role that are read of a post, newest first. */
const MOST_ROWS = 1_000;

/** The state of a post, and the arrival of its report; null if none arrived. */
export interface KnownPost {
  readonly state: PostState;
  readonly report: Report | null;
}

/**
 * Returns the state of a post from everything stored about it, with its long texts. The cost does not grow with the
 * number of its events.
 */
export async function readPost(db: Database | Trx, subject: string): Promise<KnownPost> {
  if (await isLong(db, subject))
    return foldedUp(db, subject, async (trx, fold) => {
      const post = await postRow(trx, subject);
      const rows = [...(post === undefined ? [] : [post]), ...(await listedRows(trx, subject, fold, kinds))];
      const whole = await withTexts(trx, rows);
      const state = stateOf(
        whole.find(({ role }) => role === 'report'),
        fold.counts,
        whole.filter(({ role }) => role !== 'report'),
      );
      return { state, report: fold.report };
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
  return { state: postOf(await withTexts(db, rows)), report: report ?? null };
}

/** Returns the states of posts without long texts; unknown posts are missing. */
export async function readStates(
  db: Database | Trx,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, PostState>> {
  const states = new Map<string, PostState>();
  for (let at = 0; at < subjects.length; at += TOGETHER) {
    if (at > 0) await setImmediate();
    const some = subjects.slice(at, at + TOGETHER);
    const long = await longOnes(db, some);
    const few = some.filter((subject) => !long.has(subject));
    for (const [subject, events] of await readEvents(db, few)) states.set(subject, foldPost(events));
    for (const subject of long)
      states.set(subject, await foldedUp(db, subject, (trx, fold) => stateIn(trx, subject, fold, kinds)));
  }
  return states;
}

/** Returns the state of one post without long texts. */
export async function readState(db: Database | Trx, subject: string): Promise<PostState> {
  const few = (await readFold(db, subject)) === null ? await fewEvents(db, subject) : null;
  if (few !== null) return foldPost(few);
  return foldedUp(db, subject, (trx, fold) => stateIn(trx, subject, fold, kinds));
}

/** The state of a post before and after its newest event. Lists contain only the entries that date its deletion. */
export interface Change {
  readonly before: PostState;
  readonly after: PostState;
}

/** Returns the change by the newest event of a post, which the same transaction wrote. */
export async function readChange(trx: Trx, subject: string): Promise<() => Change> {
  const fold = await readFold(trx, subject);
  const few = fold === null ? await fewEvents(trx, subject) : null;
  if (few !== null) {
    const sent = few.filter(({ origin }) => origin !== 'derived');
    return () => ({ before: foldPost(sent.slice(0, -1)), after: foldPost(sent) });
  }
  // SQLite queries do not yield, and one transaction may write many such events.
  await setImmediate();
  let post: LayeredRow | undefined;
  const change = await foldNewest(trx, subject, fold, async (now, event) => {
    if (event === null || event.role === 'report') post = await postRow(trx, subject);
    return stateOf(post, now.counts, await listedRows(trx, subject, now, ['deleted', 'undeleted']));
  });
  return () => change;
}

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

async function stateIn(trx: Trx, subject: string, fold: Fold, listed: readonly Kind[]): Promise<PostState> {
  return stateOf(await postRow(trx, subject), fold.counts, await listedRows(trx, subject, fold, listed));
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

/** Adds the long texts to rows, if the events that contain them still exist. */
async function withTexts(db: Database | Trx, rows: readonly LayeredRow[]): Promise<readonly Row[]> {
  const texts = rows.map(({ layers }) => Object.entries(textsIn(layers)));
  const ids = [...new Set(texts.flat().map(([, id]) => id))];
  const objects = new Map<number, EventObject>();
  for (let at = 0; at < ids.length; at += TOGETHER) {
    const some = ids.slice(at, at + TOGETHER);
    const held = await db.selectFrom('events').select(['id', 'object']).where('id', 'in', some).execute();
    for (const { id, object } of held) objects.set(id, JSON.parse(object) as EventObject);
  }
  return rows.map(({ layers: _, ...row }, index) => {
    const held = texts[index]!.flatMap(([column, id]) => {
      const value = objects.get(id)?.[column];
      return value === undefined ? [] : [[column, value] as const];
    });
    return { ...row, object: { ...row.object, ...Object.fromEntries(held) } };
  });
}
