import type { Trx } from '../../store/tables.ts';
import type { Event } from '../../words.ts';

/**
 * The high-water mark of a model: the highest id that reached us before an instant, Unix milliseconds, also where its row
 * was let go since; where none did, one less than the lowest that ever did: what is older than all that we know was not
 * missed. Null where we know none.
 */
export async function newestBefore(
  trx: Pick<Trx, 'selectFrom'>,
  { source, model }: Pick<Event, 'source' | 'model'>,
  before: number,
): Promise<number | null> {
  const ids = trx
    .selectFrom('events')
    .where('source', '=', source)
    .where('model', '=', model)
    .where('origin', '<>', 'derived')
    .where('row_id', 'is not', null);
  const newest = await ids
    .select((s) => s.fn.max<number | null>(s.cast('row_id', 'integer')).as('id'))
    .where('received_at', '<', before)
    .executeTakeFirst();
  const mark = await trx
    .selectFrom('high_water_marks')
    .select('row_id')
    .where('source', '=', source)
    .where('model', '=', model)
    .executeTakeFirst();
  const known = [newest?.id, mark?.row_id].filter((id) => id != null).map(Number);
  if (known.length > 0) return Math.max(...known);
  const oldest = await ids
    .select((s) => s.fn.min<number | null>(s.cast('row_id', 'integer')).as('id'))
    .executeTakeFirst();
  return oldest?.id == null ? null : Number(oldest.id) - 1;
}

/**
 * When the last event of a source reached us, Unix milliseconds; null where none ever did. What bears a time after `now` was
 * written under a clock that has been set back since, and tells nothing; `ahead` where there is nothing else.
 */
export async function lastReceivedAt(
  trx: Pick<Trx, 'selectFrom'>,
  source: string,
  now: number,
): Promise<number | 'ahead' | null> {
  // Events that we concluded by ourselves prove nothing.
  const events = trx.selectFrom('events').where('source', '=', source).where('origin', '<>', 'derived');
  const row = await events
    .select((s) => s.fn.max<number | null>('received_at').as('last'))
    .where('received_at', '<=', now)
    // A row that was fetched for its details proves nothing about what the source told.
    .where((e) => e.or([e('origin', '<>', 'backfilled'), e('type', '<>', 'update')]))
    .executeTakeFirst();
  if (row?.last != null) return Number(row.last);
  return (await events.select('id').limit(1).executeTakeFirst()) === undefined ? null : 'ahead';
}
