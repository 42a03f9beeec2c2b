import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { namedRows } from '../../catalogue/named-rows.ts';
import { postIdOf } from '../../catalogue/subject.ts';
import type { Context } from '../../render/engine.ts';
import type { RelatedName } from '../../render/names.ts';
import { statement } from '../../store/statement.ts';
import { storedEvent } from '../../store/stored-event.ts';
import type { Database } from '../../store/tables.ts';
import { readOtherReports } from '../../subject-rows/authors.ts';
import { readNewest, selectEvents } from '../../subject-rows/read-events.ts';
import { foldRows } from '../../subjects/fold-rows.ts';
import type { Clock } from '../../time/clock.ts';
import type { Event, EventObject } from '../../words.ts';

/** Time for which what was read about an event is used again, ms: one event goes to many rooms. */
const SAME_MOMENT_MS = 1_000;
/** Most events of a post's row that are read for its newest values, newest first. */
const MOST_VERSIONS = 20;

/**
 * Returns what the store knows about an event beside its row, of these names; the same object for the same event as long as
 * that does not change, so that it is drawn once for several rooms.
 */
export type ReadRelated = (event: Event, wanted: readonly RelatedName[]) => Promise<Context>;

const nothing: Context = {};

export interface ReadRelatedOptions {
  readonly db: Database;
  readonly catalogue: Pick<Catalogue, 'model'>;
  readonly clock: Clock;
}

/** Creates the reader of what the store knows about single events. */
export function createReadRelated({ db, catalogue, clock }: ReadRelatedOptions): ReadRelated {
  const recent = new WeakMap<Event, Map<string, { readonly at: number; readonly values: Promise<Context> }>>();
  return async (event, wanted) => {
    if (wanted.length === 0) return nothing;
    const ofEvent = recent.get(event) ?? new Map();
    recent.set(event, ofEvent);
    const key = wanted.join();
    const known = ofEvent.get(key);
    const now = clock.monotonic();
    if (known !== undefined && now - known.at < SAME_MOMENT_MS) return known.values;
    const values = readAgain(readRelated({ db, catalogue }, event, wanted), known?.values);
    ofEvent.set(key, { at: now, values });
    // A database that fails now may work at the next attempt.
    values.catch(() => ofEvent.delete(key));
    return values;
  };
}

/** Returns what was read before if the same was read now. */
async function readAgain(reading: Promise<Context>, before: Promise<Context> | undefined): Promise<Context> {
  const [values, last] = await Promise.all([reading, before?.catch(() => undefined)]);
  return last !== undefined && isDeepStrictEqual(values, last) ? last : values;
}

/** Reads what the store knows about an event beside its row, of these names. */
export async function readRelated(
  { db, catalogue }: Pick<ReadRelatedOptions, 'db' | 'catalogue'>,
  event: Event,
  wanted: readonly RelatedName[],
): Promise<Context> {
  if (wanted.length === 0) return nothing;
  const named = namedRows(event.object, catalogue.model(event.model));
  const subject = postAmong(event, named);
  const wants = (...names: readonly RelatedName[]) => names.some((name) => wanted.includes(name));
  const post = subject !== undefined && wants('post', 'site') ? await postOf(db, event, subject) : null;
  const details =
    subject !== undefined && wants('site', 'flaggers') ? await detailsOf.first(db, { subject }) : undefined;
  const siteId = details?.site_id ?? idOf(post?.site_id) ?? idOf(event.object.site_id);
  return {
    post,
    site: wants('site') && siteId !== null ? ((await siteOf.first(db, { id: siteId })) ?? null) : null,
    author: wants('author') && event.role === 'report' ? await readOtherReports(db, event.subject, event.object) : null,
    related: wants('related') ? await relatedOf(db, named) : null,
    flaggers: details === undefined ? null : (JSON.parse(details.flaggers) as Context),
  };
}

/** Returns the subject of the post that an event is about, or that its row names; null if there is none. */
export function postNamedBy(event: Event, catalogue: Catalogue): string | null {
  return postAmong(event, namedRows(event.object, catalogue.model(event.model))) ?? null;
}

function postAmong(event: Event, named: ReadonlyMap<string, string>): string | undefined {
  return [event.subject, ...named.values()].find((one) => postIdOf(one) !== null);
}

const versionsOf = statement((db, { subject }: { readonly subject: string }) =>
  selectEvents(db)
    .where('subject', '=', subject)
    .where('role', '=', sql.lit('report'))
    .where('origin', '<>', sql.lit('derived'))
    .orderBy('id', 'desc')
    .limit(sql.lit(MOST_VERSIONS)),
);

/** Returns the newest values of a post's row without long texts; null if no event brought it. */
async function postOf(db: Database, event: Event, subject: string): Promise<EventObject | null> {
  if (event.role === 'report') return event.object;
  const versions = await versionsOf.all(db, { subject });
  return foldRows(versions.toReversed().map(storedEvent))[0]?.object ?? null;
}

const detailsOf = statement((db, { subject }: { readonly subject: string }) =>
  db.selectFrom('post_details').select(['site_id', 'flaggers']).where('subject', '=', subject),
);

const siteOf = statement((db, { id }: { readonly id: number }) =>
  db.selectFrom('sites').select(['name', 'domain', 'logo']).where('id', '=', id),
);

const idOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** Returns the rows that a row names; a user without a row by the name that another event or the API told. */
async function relatedOf(db: Database, named: ReadonlyMap<string, string>): Promise<Context> {
  const rows = await rowsOf(db, named);
  const lacking = [...named].flatMap(([name, subject]) =>
    subject.startsWith('user:') && rows[name] === undefined ? [{ name, id: subject.slice('user:'.length) }] : [],
  );
  if (lacking.length === 0) return rows;
  const ids = lacking.map(({ id }) => id);
  const users = await db.selectFrom('user_names').selectAll().where('id', 'in', ids).execute();
  const names = new Map(users.flatMap(({ id, name }) => (name === null ? [] : [[id, name]])));
  const found = lacking.flatMap(({ name, id }) => (names.has(id) ? [[name, { username: names.get(id) }]] : []));
  return { ...rows, ...(Object.fromEntries(found) as Context) };
}

/** Returns the newest known values of the named rows, without posts and without long texts, by name. */
async function rowsOf(
  db: Database,
  named: ReadonlyMap<string, string>,
): Promise<Readonly<Record<string, EventObject>>> {
  const subjects = [...new Set(named.values())].filter((subject) => postIdOf(subject) === null);
  const newest = await readNewest(db, subjects);
  return Object.fromEntries(
    [...named].flatMap(([name, subject]) => {
      const row = newest.get(subject)?.object;
      return row === undefined ? [] : [[name, row]];
    }),
  );
}
