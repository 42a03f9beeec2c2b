import type { EventObject, Json } from '../words.ts';
import type { Row } from './fold-rows.ts';
import { longTexts } from './read-events.ts';

/** Whether a fetched row says newer or more of it than what is known: a column that is other, but for long texts. */
export function addsNews(fetched: EventObject, known: Row | undefined): boolean {
  if (known === undefined) return true;
  if (known.isDestroyed) return false;
  const [now, before] = [timeOf(fetched.updated_at), timeOf(known.object.updated_at)];
  if (now !== null && before !== null && now < before) return false;
  return Object.entries(fetched).some(
    ([column, value]) => !longTexts.includes(column) && !isSame(value, known.object[column] ?? null),
  );
}

/** REST and GraphQL write times otherwise than the source does. */
function isSame(a: Json, b: Json): boolean {
  if (JSON.stringify(a) === JSON.stringify(b)) return true;
  const [first, second] = [timeOf(a), timeOf(b)];
  return first !== null && first === second;
}

/** Unix milliseconds; null for what is no time. */
function timeOf(value: Json | undefined): number | null {
  const time = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
