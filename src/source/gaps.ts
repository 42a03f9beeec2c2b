import { sql } from 'kysely';
import { fetchable } from '../metasmoke/api/list-rows.ts';
import { formatEventSpec, type SentSpec } from '../router/event-spec.ts';
import type { Database } from '../store/tables.ts';
import type { SentType } from '../words.ts';

/** A time in which events may have been missed. */
export interface Gap {
  readonly id: number;
  /** When we last surely heard, and when we heard again, Unix milliseconds. */
  readonly from: number;
  readonly until: number;
  readonly reason: string;
  /** What cannot be fetched of what was asked for, as an event spec, or why nothing could; null: all of it can. */
  readonly lost: string | null;
  /** How many rows the API had of it; null: it was not asked, or has not answered yet. */
  readonly fetched: number | null;
}

/** Of what is asked for that which the API cannot list: updates, destroys, and models without a list. '' where it can list all. */
export function unlistable(asked: SentSpec, hasApi: boolean): string {
  const left = new Map<string, ReadonlySet<SentType>>();
  for (const [model, types] of asked) {
    const rest = [...types].filter((type) => !hasApi || type !== 'create' || !fetchable.has(model));
    if (rest.length > 0) left.set(model, new Set(rest));
  }
  return formatEventSpec(left);
}

/** Writes a gap down. */
export async function noteGap(
  db: Database,
  source: string,
  { from, until, reason, lost }: Omit<Gap, 'id' | 'fetched'>,
): Promise<void> {
  await db.insertInto('gaps').values({ source, from_at: from, until_at: until, reason, lost, fetched: null }).execute();
}

/** One reading of the API: from which instant on it was asked, when that began (Unix milliseconds), and what came of it. */
export interface Fetched {
  readonly from: number;
  readonly began: number;
  readonly rows: number;
  /** How many of the rows nobody had told us of. */
  readonly news: number;
  readonly problem: string | null;
}

/** Notes it for each gap that it was of: one that began later, and was over before the API was asked. */
export async function noteFetched(
  db: Database,
  source: string,
  { from, began, rows, problem }: Omit<Fetched, 'news'>,
): Promise<void> {
  const open = db
    .updateTable('gaps')
    .where('source', '=', source)
    .where('from_at', '>=', from)
    .where('until_at', '<=', began)
    .where('fetched', 'is', null);
  const lost = sql<string>`coalesce(lost || '; ', '') || ${problem}`;
  await open.set({ fetched: rows, ...(problem !== null && { lost }) }).execute();
}

/** The gaps that ended after an instant, newest first. */
export async function listGaps(db: Database, since: number, most: number): Promise<Gap[]> {
  return db
    .selectFrom('gaps')
    .select(['id', 'from_at as from', 'until_at as until', 'reason', 'lost', 'fetched'])
    .where('until_at', '>', since)
    .orderBy('id', 'desc')
    .limit(most)
    .execute();
}

/** When the oldest gap began that was never fetched to its end, since Lookout was ended meanwhile; null: there is none. */
export async function oldestUnfetched(db: Database, source: string): Promise<number | null> {
  const row = await db
    .selectFrom('gaps')
    .select((s) => s.fn.min<number | null>('from_at').as('from'))
    .where('source', '=', source)
    .where('fetched', 'is', null)
    .executeTakeFirst();
  return row?.from == null ? null : Number(row.from);
}
