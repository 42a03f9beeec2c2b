import { sql } from 'kysely';
import { statement } from '../../store/statement.ts';
import type { Database } from '../../store/tables.ts';
import type { AccountId } from '../../words.ts';

/** Finds rooms in which something waits, by an index for each kind of work: the cost grows with the rooms, not with the backlog. */
const withWork = (db: Database) =>
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
            .select('id'),
        ),
        e.exists(
          e.selectFrom('sends').whereRef('room_id', '=', 'r.id').where('state', '=', sql.lit('pending')).select('id'),
        ),
        e.exists(
          e.selectFrom('messages').whereRef('room_id', '=', 'r.id').where('content', 'is not', null).select('id'),
        ),
        e.exists(
          e.selectFrom('messages').whereRef('room_id', '=', 'r.id').where('redraw_at', 'is not', null).select('id'),
        ),
        e.exists(
          e.selectFrom('cards').whereRef('room_id', '=', 'r.id').where('due_at', 'is not', null).select('subject'),
        ),
      ]),
    );

const ofAll = statement(withWork);

const ofAccount = statement((db, { account }: { readonly account: AccountId }) =>
  withWork(db).where('r.account', '=', account),
);

/** Returns the ids of the rooms in which something waits. `account`: only its rooms; null: those of all accounts. */
export async function roomsWithWork(db: Database, account: AccountId | null): Promise<readonly number[]> {
  const found = account === null ? await ofAll.all(db, {}) : await ofAccount.all(db, { account });
  return found.map(({ id }) => id);
}
