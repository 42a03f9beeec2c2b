import type { Trx } from '../../store/tables.ts';
import type { Event } from '../../words.ts';

/**
 * Returns the high-water mark of a model: the highest id received before an instant (Unix milliseconds), even if its
 * row has been deleted since. If none was received before it, returns one less than the lowest id ever received,
 * because older rows were not missed. Null if no id is known.
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
    .select((s) => s.fn.max<number | null>('row_number').as('id'))
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
  const oldest = await ids.select((s) => s.fn.min<number | null>('row_number').as('id')).executeTakeFirst();
  return oldest?.id == null ? null : Number(oldest.id) - 1;
}

/**
 * Returns when the last event of a source was received, Unix milliseconds; null if there is none. An event with a time
 * after `now` was stored before the clock was set back and is ignored; `'ahead'` if there are only such events.
 */
export async function lastReceivedAt(
  trx: Pick<Trx, 'selectFrom'>,
  source: string,
  now: number,
): Promise<number | 'ahead' | null> {
  // Derived events are made by Lookout, so they do not prove that the source was connected.
  const events = trx.selectFrom('events').where('source', '=', source).where('origin', '<>', 'derived');
  const row = await events
    .select((s) => s.fn.max<number | null>('received_at').as('last'))
    .where('received_at', '<=', now)
    // A row fetched for its details does not prove that the source sent anything.
    .where((e) => e.or([e('origin', '<>', 'backfilled'), e('type', '<>', 'update')]))
    .executeTakeFirst();
  if (row?.last != null) return Number(row.last);
  return (await events.select('id').limit(1).executeTakeFirst()) === undefined ? null : 'ahead';
}
