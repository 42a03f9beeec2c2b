import { sql } from 'kysely';
import { statement } from '../store/statement.ts';

interface OfPost {
  readonly subject: string;
  readonly now: number;
}

/**
 * Makes the statement that releases the deliveries of a post that wait for one reason, and returns their rooms. One for
 * each reason, since SQLite uses a partial index only if it sees its condition in the text.
 */
export const releaseFrom = (reason: string) =>
  statement((db, { subject, now }: OfPost) =>
    db
      .updateTable('deliveries')
      .set({ due_at: now, ready: sql.lit(1), reason: null })
      .where('subject', '=', subject)
      .where('reason', '=', sql.lit(reason))
      .where('state', '=', sql.lit('waiting'))
      .returning('room_id'),
  );
