import { sql } from 'kysely';
import { statement } from '../../store/statement.ts';
import type { Database } from '../../store/tables.ts';
import { isNameless } from '../../subjects/voter-name.ts';
import type { Event } from '../../words.ts';

interface OfRow {
  readonly model: string;
  readonly rowId: string | null;
}

const newestName = statement((db, { model, rowId }: OfRow) =>
  db
    .selectFrom('events')
    .select('user_name as name')
    .where('model', '=', model)
    .where('row_id', '=', rowId)
    .where('user_name', 'is not', null)
    .orderBy('id', 'desc')
    .limit(sql.lit(1)),
);

/** Returns a vote with the name of its voter, if another event of its row has it; any other event as it is. */
export type ReadNamed = (event: Event) => Promise<Event>;

/** Creates the reader of votes with their names. It returns the same event for the same one and name. */
export function createReadNamed(db: Database): ReadNamed {
  const known = new WeakMap<Event, Event>();
  return async (event) => {
    if (!isNameless(event)) return event;
    const before = known.get(event);
    if (before !== undefined) return before;
    const row = await newestName.first(db, { model: event.model, rowId: event.rowId });
    if (row === undefined) return event;
    const named = { ...event, object: { ...event.object, user_name: row.name } };
    known.set(event, named);
    return named;
  };
}
