import { inChunks } from '../store/in-chunks.ts';
import type { Database, Trx } from '../store/tables.ts';
import { isOffensive } from '../subjects/offensive.ts';
import type { PostDetails } from '../subjects/post-details.ts';
import { twinsOf } from './twins.ts';

const reasonsOf = inChunks((db, rows: readonly { readonly subject: string }[]) =>
  db
    .selectFrom('post_details')
    .select(['subject', 'reasons'])
    .where(
      'subject',
      'in',
      rows.map(({ subject }) => subject),
    )
    .where('reasons', 'is not', null),
);

/** Returns the posts of these whose reasons, or those of another report of the same post, say "offensive". */
export async function readOffensive(db: Database | Trx, subjects: readonly string[]): Promise<ReadonlySet<string>> {
  if (subjects.length === 0) return new Set();
  const twins = await twinsOf(db, subjects);
  const all = new Set([...subjects, ...[...twins.values()].flat()]);
  const rows = await reasonsOf.all(
    db,
    [...all].map((subject) => ({ subject })),
  );
  const offensive = new Set(
    rows
      .filter(({ reasons }) => reasons !== null && isOffensive(JSON.parse(reasons) as PostDetails['reasons']))
      .map(({ subject }) => subject),
  );
  return new Set(
    subjects.filter((subject) => [subject, ...(twins.get(subject) ?? [])].some((one) => offensive.has(one))),
  );
}
