import type { Selectable } from 'kysely';
import type { Database, Trx, WantedDetailsTable } from '../../store/tables.ts';
import type { WantedName } from './want-details.ts';

/** When a post that the API does not know yet is asked for again, in milliseconds after the last time; then it is given up. */
const againAfterMs = [5_000, 15_000, 60_000, 300_000];
/** Then, where the API did not say, it is asked again after so long, in milliseconds, until it is wanted no more. */
const failedAgainMs = 600_000;
/** None is due later than that, but those that were noted before the clock was set back, in milliseconds. */
const latestMs = 600_000;
/** What the API could not be asked for in a day is wanted no more, in milliseconds. */
const WANTED_MS = 24 * 3_600_000;

/** A post about which the API is to be asked now. */
export type Wanted = Omit<Selectable<WantedDetailsTable>, 'names'> & { readonly names: readonly WantedName[] };

/** What is due, the newest first: it is being looked at. */
export async function dueDetails(db: Database, now: number, most: number): Promise<readonly Wanted[]> {
  await db
    .deleteFrom('wanted_details')
    .where('since', '<', now - WANTED_MS)
    .execute();
  const rows = await db
    .selectFrom('wanted_details')
    .selectAll()
    .where((e) => e.or([e('due_at', '<=', now), e('due_at', '>', now + latestMs)]))
    .orderBy('since', 'desc')
    .limit(most)
    .execute();
  return rows.map((row) => ({ ...row, names: JSON.parse(row.names) as WantedName[] }));
}

/** When something is due next, Unix milliseconds; null: nothing is wanted. */
export async function nextDue(db: Database): Promise<number | null> {
  const row = await db
    .selectFrom('wanted_details')
    .select((s) => s.fn.min<number | null>('due_at').as('next'))
    .executeTakeFirst();
  return row?.next ?? null;
}

/** It was had, or is wanted no more; what was wanted of it meanwhile stays. */
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
 * The API is asked again later. Where it does not know the post yet, or not all of it, that is given up at last; an answer that failed
 * says nothing, however often.
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
