import { sql } from 'kysely';
import { derivedEvents } from '../metasmoke/derived.ts';
import { postIdOf } from '../metasmoke/subject.ts';
import type { Router } from '../router/router.ts';
import { storedEvent } from '../store/stored-event.ts';
import type { Trx } from '../store/tables.ts';
import { readChange } from '../subject-rows/known-post.ts';
import { type Derived, derivedOfPing, derivedOfPost, derivedOfQuota, type Trigger } from '../subjects/derive.ts';
import type { DerivedType, Event } from '../words.ts';

/** Models whose rows tell how a post stands. */
const derivingModels: ReadonlySet<string> = new Set(['posts', 'feedbacks', 'flag_logs', 'deletion_logs']);

/** Derived types of posts that follow from the time alone. */
const byTime: ReadonlySet<string> = new Set(['lingering']);

/**
 * Reads, in the transaction that wrote an event, the rows from which others are derived. Returns a function that derives them,
 * so that a bug in it does not count as a store that cannot be read. Reads nothing if no subscription names a derived event.
 */
export async function conclusionsOf(
  trx: Trx,
  trigger: Trigger,
  router: Pick<Router, 'names'>,
  { quotaBelow }: { readonly quotaBelow: number },
): Promise<() => readonly Derived[]> {
  const { event } = trigger;
  if (event.origin === 'derived') return nothing;
  if (postIdOf(event.subject) !== null && derivingModels.has(event.model)) {
    const wanted = typesOf('posts').filter((type) => !byTime.has(type) && router.names('posts', type));
    if (wanted.length === 0) return nothing;
    const change = await readChange(trx, event.subject);
    return () => {
      const { before, after } = change();
      return derivedOfPost(before, after, trigger).filter((one) => wanted.some((type) => type === one.event.type));
    };
  }
  if (event.model === 'smoke_detectors') {
    if (!router.names('smoke_detectors', 'silent') && !router.names('smoke_detectors', 'back')) return nothing;
    const last = await lastTold(trx, event.subject);
    return () => derivedOfPing(last, trigger);
  }
  if (event.model === 'statistics' && router.names('statistics', 'quota_low')) {
    const isTold = await isQuotaTold(trx, event, quotaBelow);
    return () => derivedOfQuota(isTold, trigger, quotaBelow);
  }
  return nothing;
}

/** Returns true if a subscription names something that may follow from an event: only then rows are read. */
export function mayConclude(event: Event, router: Pick<Router, 'names'>): boolean {
  if (event.origin === 'derived') return false;
  if (postIdOf(event.subject) !== null && derivingModels.has(event.model))
    return typesOf('posts').some((type) => !byTime.has(type) && router.names('posts', type));
  if (event.model === 'smoke_detectors')
    return router.names('smoke_detectors', 'silent') || router.names('smoke_detectors', 'back');
  return event.model === 'statistics' && router.names('statistics', 'quota_low');
}

const nothing = () => [];

function typesOf(model: string): readonly DerivedType[] {
  return Object.keys(derivedEvents[model]?.types ?? {}) as DerivedType[];
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
  const detector = typeof object.smoke_detector_id === 'number' ? object.smoke_detector_id : null;
  const row = await trx
    .selectFrom('events')
    .select('type')
    .where('model', '=', sql.lit('statistics'))
    .where(sql`json_extract(object, '$.smoke_detector_id')`, 'is', detector)
    .where(({ or, eb }) =>
      or([eb('type', '=', 'quota_low'), eb(sql<number>`json_extract(object, '$.api_quota')`, '>=', quotaBelow)]),
    )
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.type === 'quota_low';
}
