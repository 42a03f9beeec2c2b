import { sql } from 'kysely';
import type { SentSpec } from '../catalogue/event-spec.ts';
import { statement } from '../store/statement.ts';
import type { Trx } from '../store/tables.ts';
import { isNameless, voterNameIn } from '../subjects/voter-name.ts';
import type { Event, EventType } from '../words.ts';

/** The reason of a vote that waits for the name of its voter, and of an update that waits for the vote that it overtook. */
export const AWAITS_NAME = 'awaits name';

/** Longest such wait, from the arrival of the event, ms. The update with the name comes some milliseconds later. */
const AWAIT_NAME_MS = 500;

/**
 * Returns the end of a vote's wait, Unix milliseconds; null if it is sent at once. A vote without a name waits for the
 * update that brings it, so that one message shows both; an update that is newer than any vote seen waits for its create,
 * which it may have overtaken.
 *
 * @param newestVote the highest id of a vote whose create was seen since the start; null: none yet
 */
export function awaitNameUntil(event: Event, requested: SentSpec, newestVote: number | null): number | null {
  const { role, type, origin, model, rowId, receivedAt } = event;
  if (role !== 'vote' || origin !== 'live' || rowId === null) return null;
  const types = requested.get(model);
  if (types?.has('create') !== true || !types.has('update')) return null;
  const isEarly = type === 'update' && newestVote !== null && Number(rowId) > newestVote;
  return isEarly || (type === 'create' && isNameless(event)) ? receivedAt + AWAIT_NAME_MS : null;
}

interface OfRow {
  readonly model: string;
  readonly rowId: string | null;
}

const knownName = statement((db, { model, rowId }: OfRow) =>
  db
    .selectFrom('events')
    .select('id')
    .where('model', '=', model)
    .where('row_id', '=', rowId)
    .where('user_name', 'is not', null)
    .limit(sql.lit(1)),
);

/** Returns true if a stored event of a vote's row has the name of the voter. */
export async function hasName(trx: Trx, { model, rowId }: Event): Promise<boolean> {
  return (await knownName.first(trx, { model, rowId })) !== undefined;
}

const anyAwaits = statement((db) =>
  db.selectFrom('deliveries').select('id').where('reason', '=', sql.lit(AWAITS_NAME)).limit(sql.lit(1)),
);

const releaseRow = statement((db, p: OfRow & { readonly type: EventType; readonly now: number }) =>
  db
    .updateTable('deliveries')
    .set({ due_at: p.now, ready: sql.lit(1), reason: null })
    .where('event_id', 'in', (s) =>
      s
        .selectFrom('events')
        .select('id')
        .where('model', '=', p.model)
        .where('row_id', '=', p.rowId)
        .where('type', '<>', p.type),
    )
    .where('reason', '=', sql.lit(AWAITS_NAME))
    .returning(['room_id', 'subject']),
);

/** True for a delivery of a known user's vote whose name is not stored. */
export const isNamelessVote = sql<boolean>`exists (select 1 from events as e where e.id = deliveries.event_id
  and e.role = 'vote' and e.type = 'create' and e.user_id is not null and not exists (select 1 from events as o
  where o.model = e.model and o.row_id = e.row_id and o.user_name is not null))`;

/** Releases what stands behind a released vote and got its reason from there; not other votes that wait for their own name. */
const releaseBehind = statement((db, { subject, now }: { readonly subject: string; readonly now: number }) =>
  db
    .updateTable('deliveries')
    .set({ due_at: now, ready: sql.lit(1), reason: null })
    .where('subject', '=', subject)
    .where('reason', '=', sql.lit(AWAITS_NAME))
    .where('event_id', 'not in', (s) =>
      s
        .selectFrom('events as e')
        .select('e.id')
        .where('e.id', 'in', (w) =>
          w
            .selectFrom('deliveries as w')
            .select('w.event_id')
            .where('w.subject', '=', subject)
            .where('w.reason', '=', sql.lit(AWAITS_NAME)),
        )
        .where('e.role', '=', sql.lit('vote'))
        .where('e.type', 'in', ['create', 'update'])
        .where(({ or, eb }) => or([eb('e.type', '=', 'update'), eb('e.user_name', 'is', null)]))
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('events as o')
                .select('o.id')
                .whereRef('o.model', '=', 'e.model')
                .whereRef('o.row_id', '=', 'e.row_id')
                .whereRef('o.type', '<>', 'e.type')
                .where(({ or, eb }) => or([eb('o.type', '=', 'create'), eb('o.user_name', 'is not', null)])),
            ),
          ),
        ),
    ),
);

/**
 * Releases the deliveries that waited for one of these events: votes for the name that an update brings, updates for
 * their create. Returns the rooms that have some of them.
 */
export async function releaseNamed(trx: Trx, events: readonly Event[]): Promise<readonly number[]> {
  const bringing = events.filter(
    (event) => event.role === 'vote' && (event.type === 'create' || voterNameIn(event) !== null),
  );
  if (bringing.length === 0 || (await anyAwaits.first(trx, {})) === undefined) return [];
  const rooms = new Set<number>();
  for (const { model, rowId, type, receivedAt: now } of bringing) {
    const released = await releaseRow.all(trx, { model, rowId, type, now });
    for (const { room_id: room } of released) rooms.add(room);
    for (const subject of new Set(released.map((row) => row.subject))) await releaseBehind.run(trx, { subject, now });
  }
  return [...rooms];
}
