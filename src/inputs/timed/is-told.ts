import { sql } from 'kysely';
import type { Database } from '../../store/tables.ts';
import type { DerivedType } from '../../words.ts';

/** Returns true if a derived event of this type is stored for a post, or for a twin of it. `twins`: their subjects. */
export async function isTold(
  db: Database,
  subject: string,
  twins: readonly string[],
  type: DerivedType,
): Promise<boolean> {
  const row = await db
    .selectFrom('events')
    .select('id')
    .where('subject', 'in', [subject, ...twins])
    .where('origin', '=', sql.lit('derived'))
    .where('type', '=', type)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
