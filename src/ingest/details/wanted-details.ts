import type { Selectable } from 'kysely';
import type { WantedDetailsTable } from '../../store/tables/events.ts';
import type { Database, Trx } from '../../store/tables.ts';
import type { WantedName } from './want-details.ts';

/** Delays between the requests for a post that the API does not know yet, ms; then it is given up. */
const againAfterMs = [5_000, 15_000, 60_000, 300_000];
/** Delay after those if the API gave no answer, ms, until the post is wanted no longer. */
const failedAgainMs = 600_000;
/** Age after which details are wanted no longer, ms. */
const WANTED_MS = 24 * 3_600_000;
/** Age up to which a post is fetched apart from older ones, ms. */
const FRESH_MS = 10 * 60_000;
/** Number of older posts in one request: a new one does not wait long for them, even over REST. */
const OLD_AT_ONCE = 5;

/** A post whose details are to be requested now. */
export type Wanted = Omit<Selectable<WantedDetailsTable>, 'names'> & { readonly names: readonly WantedName[] };

/**
 * Returns the posts that are due, newest first: people look at those. Older ones, as the open cards after a gap, are
 * left for a time at which no new one is due.
 */
export async function dueDetails(db: Database, now: number, most: number): Promise<readonly Wanted[]> {
  await db
    .deleteFrom('wanted_details')
    .where('since', '<', now - WANTED_MS)
    .execute();
  const rows = await db
    .selectFrom('wanted_details')
    .selectAll()
    .where('due_at', '<=', now)
    .orderBy('since', 'desc')
    .limit(most)
    .execute();
  const fresh = rows.filter(({ since }) => since > now - FRESH_MS);
  const chosen = fresh.length > 0 ? fresh : rows.slice(0, OLD_AT_ONCE);
  return chosen.map((row) => ({ ...row, names: JSON.parse(row.names) as WantedName[] }));
}

/** Returns the time at which the next post is due, Unix milliseconds; null if nothing is wanted. */
export async function nextDue(db: Database): Promise<number | null> {
  const row = await db
    .selectFrom('wanted_details')
    .select((s) => s.fn.min<number | null>('due_at').as('next'))
    .executeTakeFirst();
  return row?.next ?? null;
}

/** Returns true if a post that the API does not have now is not requested again. */
export function isLastTry({ tries }: Pick<Wanted, 'tries'>): boolean {
  return tries >= againAfterMs.length;
}

/** Ends a request that was answered, or is wanted no longer; details that were wanted meanwhile stay wanted. */
export async function endWanted(
  trx: Pick<Trx, 'deleteFrom'>,
  { subject, names, due_at: dueAt }: Wanted,
): Promise<void> {
  await trx
    .deleteFrom('wanted_details')
    .where('subject', '=', subject)
    .where('names', '=', JSON.stringify(names))
    .where('due_at', '=', dueAt)
    .execute();
}

/**
 * Postpones a request. If the API does not know the post yet, or not all of it, that is given up at last; a request that failed
 * proves nothing, however often it fails.
 */
export async function askAgain(
  trx: Pick<Trx, 'deleteFrom' | 'updateTable'>,
  wanted: Wanted,
  { now, why }: { readonly now: number; readonly why: 'not there yet' | 'failed' },
): Promise<void> {
  const waitMs = againAfterMs[wanted.tries] ?? (why === 'failed' ? failedAgainMs : undefined);
  if (waitMs === undefined) return endWanted(trx, wanted);
  await trx
    .updateTable('wanted_details')
    .set({ due_at: now + waitMs, tries: wanted.tries + 1 })
    .where('subject', '=', wanted.subject)
    .where('due_at', '=', wanted.due_at)
    .execute();
}
