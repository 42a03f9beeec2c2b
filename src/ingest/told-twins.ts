import { sql } from 'kysely';
import type { Trx } from '../store/tables.ts';
import { once } from '../subjects/derive.ts';
import type { Event, EventType } from '../words.ts';

/** Returns the types of the derived events of a post's twins. */
export async function toldOf(trx: Trx, twins: readonly string[]): Promise<ReadonlySet<EventType>> {
  if (twins.length === 0) return new Set();
  const rows = await trx
    .selectFrom('events')
    .select('type')
    .distinct()
    .where('subject', 'in', twins)
    .where('origin', '=', sql.lit('derived'))
    .execute();
  return new Set(rows.map(({ type }) => type));
}

/**
 * Cancels what was derived from votes that overtook their report, now that the report shows a twin about which the same
 * was told: it comes once for a post. `told`: the types that were told about the twins.
 */
export async function cancelTold(
  trx: Trx,
  { role, type, subject, receivedAt }: Event,
  told: ReadonlySet<EventType>,
): Promise<void> {
  const types = [...once].filter((one) => told.has(one));
  if (role !== 'report' || type !== 'create' || types.length === 0) return;
  await trx
    .updateTable('deliveries')
    .set({ state: 'cancelled', reason: 'it was told about another report of the post', settled_at: receivedAt })
    .where('subject', '=', subject)
    .where('state', '=', 'waiting')
    .where('event_id', 'in', (s) =>
      s
        .selectFrom('events')
        .select('id')
        .where('subject', '=', subject)
        .where('origin', '=', sql.lit('derived'))
        .where('type', 'in', types),
    )
    .execute();
}
