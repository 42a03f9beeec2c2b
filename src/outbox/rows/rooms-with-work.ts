import { sql } from 'kysely';
import { statement } from '../../store/statement.ts';
import type { Database } from '../../store/tables.ts';
import type { AccountId } from '../../words.ts';

/** Finds rooms in which something is due by a time, by an index for each kind of work: the cost grows with the rooms, not with the backlog. */
const withWork = (db: Database, dueBy: number) =>
  db
    .selectFrom('rooms as r')
    .select('r.id')
    .where('r.configured', '=', sql.lit(1))
    .where((e) =>
      e.or([
        e.exists(
          e
            .selectFrom('deliveries')
            .whereRef('room_id', '=', 'r.id')
            .where('state', '=', sql.lit('waiting'))
            .where('ready', '=', sql.lit(1))
            .select('id'),
        ),
        e.exists(
          e
            .selectFrom('deliveries')
            .whereRef('room_id', '=', 'r.id')
            .where('state', '=', sql.lit('waiting'))
            .where('ready', '=', sql.lit(0))
            .where('due_at', '<=', dueBy)
            .select('id'),
        ),
        e.exists(
          e
            .selectFrom('sends')
            .whereRef('room_id', '=', 'r.id')
            .where('state', '=', sql.lit('pending'))
            .where('due_at', '<=', dueBy)
            .select('id'),
        ),
        e.exists(
          e.selectFrom('messages').whereRef('room_id', '=', 'r.id').where('content', 'is not', null).select('id'),
        ),
        e.exists(
          e.selectFrom('messages').whereRef('room_id', '=', 'r.id').where('redraw_at', '<=', dueBy).select('id'),
        ),
        e.exists(e.selectFrom('cards').whereRef('room_id', '=', 'r.id').where('due_at', '<=', dueBy).select('subject')),
      ]),
    );

const ofAll = statement((db, { dueBy }: { readonly dueBy: number }) => withWork(db, dueBy));

const ofAccount = statement((db, { account, dueBy }: { readonly account: AccountId; readonly dueBy: number }) =>
  withWork(db, dueBy).where('r.account', '=', account),
);

/**
 * Returns the ids of the rooms in which something waits. `account`: only its rooms; null: those of all accounts. `dueBy`: something that is due
 * by then, Unix milliseconds; without it, whenever it is due.
 */
export async function roomsWithWork(
  db: Database,
  account: AccountId | null,
  dueBy = Number.MAX_SAFE_INTEGER,
): Promise<readonly number[]> {
  const found = account === null ? await ofAll.all(db, { dueBy }) : await ofAccount.all(db, { account, dueBy });
  return found.map(({ id }) => id);
}
