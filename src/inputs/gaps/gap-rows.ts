import { sql } from 'kysely';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { formatEventSpec, type SentSpec } from '../../catalogue/event-spec.ts';
import type { Database } from '../../store/tables.ts';
import type { Gap, SentType } from '../../words.ts';
import { joinTexts } from './join-texts.ts';

/** A gap to be stored. */
export type NewGap = Pick<Gap, 'from' | 'until' | 'reason' | 'lost'>;

/**
 * Returns the part of an event spec that the API cannot list: updates, destroys, and models without a list; '' if it
 * can list all. `catalogue`: null if there is no API.
 */
export function unlistable(asked: SentSpec, catalogue: Catalogue | null): string {
  const left = new Map<string, ReadonlySet<SentType>>();
  for (const [model, types] of asked) {
    const isListed = catalogue?.model(model)?.isListed === true;
    const rest = [...types].filter((type) => !isListed || type !== 'create');
    if (rest.length > 0) left.set(model, new Set(rest));
  }
  return formatEventSpec(left);
}

/**
 * Stores a gap, merged with the gaps of the same source that it overlaps or touches. Parts already fetched stay
 * fetched. Returns the bounds of the merged gap.
 */
export async function noteGap(
  db: Database,
  source: string,
  gap: NewGap,
): Promise<{ readonly from: number; readonly until: number }> {
  return db.transaction().execute(async (trx) => {
    const near = await trx
      .selectFrom('gaps')
      .selectAll()
      .where('source', '=', source)
      .where('from_at', '<=', gap.until)
      .where('until_at', '>=', gap.from)
      .orderBy('id')
      .execute();
    const open = near.flatMap(({ open_from: from }) => (from === null ? [] : [Number(from)]));
    const merged = {
      from_at: Math.min(gap.from, ...near.map(({ from_at: at }) => Number(at))),
      until_at: Math.max(gap.until, ...near.map(({ until_at: at }) => Number(at))),
      reason: joinTexts(...near.map(({ reason }) => reason), gap.reason) ?? gap.reason,
      lost: joinTexts(...near.map(({ lost }) => lost), gap.lost),
      open_from: Math.min(gap.from, ...open),
      tries: Math.max(0, ...near.map(({ tries }) => tries)),
      told_at: near.find(({ told_at: at }) => at !== null)?.told_at ?? null,
    };
    const [first, ...others] = near;
    if (first === undefined)
      await trx
        .insertInto('gaps')
        .values({ source, ...merged })
        .execute();
    else await trx.updateTable('gaps').set(merged).where('id', '=', first.id).execute();
    const ids = others.map(({ id }) => id);
    if (ids.length > 0) await trx.deleteFrom('gaps').where('id', 'in', ids).execute();
    return { from: merged.from_at, until: merged.until_at };
  });
}

/** One reading of the API. */
export interface Reading {
  /** Start of the requested time, and the time of the request, Unix milliseconds. */
  readonly from: number;
  readonly began: number;
  /** Number of rows in the answer, and of those that were new. */
  readonly rows: number;
  readonly news: number;
  /** Description of the rows of that time that can never be read; null: none. */
  readonly lost: string | null;
  /** The reason why not every page could be read, which is retried; null: every page was read. */
  readonly failed: string | null;
}

/**
 * Stores a reading for each gap that it covers: gaps that are open from no earlier time and ended before the request. A
 * gap that ends after `now` was stored before the clock was set back; it has ended, too. Returns true if operators had
 * been notified of one of them.
 */
export async function noteReading(
  db: Database,
  source: string,
  { reading, now }: { readonly reading: Reading; readonly now: number },
): Promise<{ readonly wasTold: boolean }> {
  const { from, began, rows, lost, failed } = reading;
  return db.transaction().execute(async (trx) => {
    const gaps = await trx
      .selectFrom('gaps')
      .select(['id', 'lost', 'tries', 'told_at'])
      .where('source', '=', source)
      .where('open_from', '>=', from)
      .where((e) => e.or([e('until_at', '<=', began), e('until_at', '>', now)]))
      .execute();
    for (const gap of gaps) {
      const noted =
        failed === null
          ? { fetched: rows, open_from: null, problem: null, told_at: null, lost: joinTexts(gap.lost, lost) }
          : { fetched: rows, tries: gap.tries + 1, problem: failed };
      await trx.updateTable('gaps').set(noted).where('id', '=', gap.id).execute();
    }
    return { wasTold: gaps.some(({ told_at: at }) => at !== null) };
  });
}

/** Gives up the open gaps that ended before an instant, because older rows are not fetched. Returns them. */
export async function giveUpGaps(db: Database, source: string, before: number): Promise<readonly Gap[]> {
  return db.transaction().execute(async (trx) => {
    const gaps = await trx
      .selectFrom('gaps')
      .select(columns)
      .where('source', '=', source)
      .where('open_from', 'is not', null)
      .where('until_at', '<', before)
      .execute();
    for (const { id, lost, problem } of gaps) {
      const why = `not everything was fetched in time${problem === null ? '' : ` (${problem})`}`;
      const noted = { open_from: null, told_at: null, lost: joinTexts(lost, why) };
      await trx.updateTable('gaps').set(noted).where('id', '=', id).execute();
    }
    return gaps;
  });
}

/**
 * Returns the open gaps and marks them as notified, if one of them ended before an instant and operators were not
 * notified of it. Otherwise returns none.
 */
export async function tellableGaps(
  db: Database,
  source: string,
  { endedBefore, now }: { readonly endedBefore: number; readonly now: number },
): Promise<readonly Gap[]> {
  return db.transaction().execute(async (trx) => {
    const open = trx.selectFrom('gaps').where('source', '=', source).where('open_from', 'is not', null);
    const late = open.select('id').where('told_at', 'is', null).where('until_at', '<', endedBefore).limit(1);
    if ((await late.executeTakeFirst()) === undefined) return [];
    const gaps = await open.select(columns).orderBy('from_at').execute();
    const ids = gaps.map(({ id }) => id);
    await trx.updateTable('gaps').set({ told_at: now }).where('id', 'in', ids).execute();
    return gaps;
  });
}

const columns = [
  ...(['id', 'from_at as from', 'until_at as until', 'reason', 'lost'] as const),
  ...(['fetched', 'open_from as openFrom', 'tries', 'problem'] as const),
] as const;

/**
 * Returns the gaps that ended after an instant, newest first; before them the open ones that were requested from the
 * API.
 */
export async function listGaps(db: Database, since: number, most: number): Promise<Gap[]> {
  const isAskedFor = sql<boolean>`(open_from is not null and tries > 0)`;
  return db
    .selectFrom('gaps')
    .select(columns)
    .where((e) => e.or([e('until_at', '>', since), isAskedFor]))
    .orderBy(isAskedFor, 'desc')
    .orderBy('until_at', 'desc')
    .limit(most)
    .execute();
}

/**
 * Returns the instant from which rows are still to be fetched, Unix milliseconds; null: none are. A gap that ends after
 * `now` was stored before the clock was set back, an unknown time ago; then everything is fetched that may be,
 * `maxAgeMs` back.
 */
export async function openSince(
  db: Database,
  source: string,
  { now, maxAgeMs }: { readonly now: number; readonly maxAgeMs: number },
): Promise<number | null> {
  const row = await db
    .selectFrom('gaps')
    .select((s) => [s.fn.min<number | null>('open_from').as('from'), s.fn.max<number | null>('until_at').as('until')])
    .where('source', '=', source)
    .where('open_from', 'is not', null)
    .executeTakeFirst();
  if (row?.from == null) return null;
  return Number(row.until) > now ? Math.min(Number(row.from), now - maxAgeMs) : Number(row.from);
}
