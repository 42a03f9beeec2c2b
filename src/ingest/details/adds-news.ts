import { longTexts } from '../../store/event-columns.ts';
import type { Row } from '../../subjects/fold-rows.ts';
import { timeOf } from '../../text/json.ts';
import type { EventObject, Json } from '../../words.ts';

/** Returns true if a fetched row is not older than the known one and differs in a column, except for long texts. */
export function addsNews(fetched: EventObject, known: Row | undefined): boolean {
  if (known === undefined) return true;
  if (known.isDestroyed) return false;
  const [now, before] = [writtenTime(fetched.updated_at), writtenTime(known.object.updated_at)];
  if (now !== null && before !== null && now < before) return false;
  return Object.entries(fetched).some(
    ([column, value]) => !longTexts.includes(column) && !isSame(value, known.object[column] ?? null),
  );
}

/** REST and GraphQL write times in other forms than the source. */
function isSame(a: Json, b: Json): boolean {
  if (JSON.stringify(a) === JSON.stringify(b)) return true;
  const [first, second] = [writtenTime(a), writtenTime(b)];
  return first !== null && first === second;
}

/** Returns Unix milliseconds; null if a value is not written as a time: any text may be a column. */
function writtenTime(value: Json | undefined): number | null {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? timeOf(value) : null;
}
