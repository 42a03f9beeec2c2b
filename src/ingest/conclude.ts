import { sql } from 'kysely';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { postIdOf } from '../catalogue/subject.ts';
import type { Router } from '../router/router.ts';
import { objectColumns } from '../store/event-columns.ts';
import { storedEvent } from '../store/stored-event.ts';
import type { Trx } from '../store/tables.ts';
import { readChange } from '../subject-rows/known-post.ts';
import { twinsOfOne } from '../subject-rows/twins.ts';
import { type Derived, derivedOfPing, derivedOfPost, derivedOfQuota, once, type Trigger } from '../subjects/derive.ts';
import type { DerivedType, Event, Role } from '../words.ts';
import { cancelTold, toldOf } from './told-twins.ts';

/** Roles of the rows that tell how a post stands. */
const tellsOfPost: ReadonlySet<Role | null> = new Set(['report', 'vote', 'flag', 'deletion'] as const);

/** Derived types of posts that follow from the time alone. */
const byTime: ReadonlySet<string> = new Set(['lingering']);

export interface ConcludeOptions {
  readonly catalogue: Pick<Catalogue, 'ofRole'>;
  readonly router: Pick<Router, 'names'>;
  /** Returns the number of remaining requests below which a detector's API quota is low. */
  readonly quotaBelow: () => number;
}

/**
 * Reads, in the transaction that wrote an event, the rows from which others are derived. Returns a function that derives them,
 * so that a bug in it does not count as a store that cannot be read. Reads nothing if no subscription names a derived event.
 * A report that turns out to have a twin also cancels its derived events that the twin had already.
 */
export async function conclusionsOf(
  trx: Trx,
  trigger: Trigger,
  options: ConcludeOptions,
): Promise<() => readonly Derived[]> {
  const { event } = trigger;
  const wanted = wantedOf(event, options);
  if (wanted.length === 0) return () => [];
  if (event.role === 'detector') {
    const last = await lastTold(trx, event.subject);
    return () => derivedOfPing(last, trigger);
  }
  if (event.role === 'statistic') {
    const quotaBelow = options.quotaBelow();
    const isTold = await isQuotaTold(trx, event, quotaBelow);
    return () => derivedOfQuota(isTold, trigger, quotaBelow);
  }
  const report = options.catalogue.ofRole('report')!;
  const twins = await twinsOfOne(trx, event.subject);
  const change = await readChange(trx, event.subject, twins);
  const told = await toldOf(trx, twins);
  await cancelTold(trx, event, told);
  return () => {
    const { before, after } = change();
    const isNew = (type: DerivedType) => wanted.includes(type) && !(once.has(type) && told.has(type));
    return derivedOfPost(before, after, trigger, report).filter(({ event: { type } }) => isNew(type as DerivedType));
  };
}

/** Returns true if a subscription names something that may follow from an event: only then rows are read. */
export function mayConclude(event: Event, options: ConcludeOptions): boolean {
  return wantedOf(event, options).length > 0;
}

/** Returns the derived types that may follow from an event and that a subscription names. */
function wantedOf({ origin, subject, role }: Event, { catalogue, router }: ConcludeOptions): readonly DerivedType[] {
  const named = (of: Role) => {
    const model = catalogue.ofRole(of);
    return (model?.derived ?? []).flatMap(({ type }) => (router.names(model!.name, type) ? [type] : []));
  };
  if (origin === 'derived') return [];
  if (tellsOfPost.has(role) && postIdOf(subject) !== null) return named('report').filter((type) => !byTime.has(type));
  return role === 'detector' || role === 'statistic' ? named(role) : [];
}

/** Returns the newest derived event of a subject; null if there is none. */
export async function lastTold(trx: Pick<Trx, 'selectFrom'>, subject: string): Promise<Event | null> {
  const row = await trx
    .selectFrom('events')
    .selectAll()
    .where('subject', '=', subject)
    .where('origin', '=', sql.lit('derived'))
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : storedEvent(row);
}

/** Returns true if a detector's quota was reported as low, and no statistic since then showed that it is enough. */
async function isQuotaTold(trx: Pick<Trx, 'selectFrom'>, { object }: Event, quotaBelow: number): Promise<boolean> {
  const { detector } = objectColumns(object, null);
  const row = await trx
    .selectFrom('events')
    .select('type')
    .where('role', '=', sql.lit('statistic'))
    .where('detector', 'is not distinct from', detector)
    .where(({ or, eb }) => or([eb('type', '=', 'quota_low'), eb('quota', '>=', quotaBelow)]))
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.type === 'quota_low';
}
