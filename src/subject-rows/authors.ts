import { sql } from 'kysely';
import { postNumberOf } from '../catalogue/subject.ts';
import { inChunks } from '../store/in-chunks.ts';
import { statement } from '../store/statement.ts';
import type { Database, Trx } from '../store/tables.ts';
import { authorKeyOf } from '../subjects/author-key.ts';
import type { AuthorReports } from '../subjects/card-values.ts';
import { linkKeyOf } from '../subjects/link-key.ts';
import type { Event, EventObject } from '../words.ts';

/** Most reports of an author that are read, newest first, so that the cost has a limit. */
const MOST_REPORTS = 100;

interface PostAuthor {
  readonly subject: string;
  readonly author: string;
  readonly number: number;
}

const putAuthors = inChunks((db, rows: readonly PostAuthor[]) =>
  db
    .insertInto('post_authors')
    .values(rows.map(({ subject, author, number }) => ({ subject, author, post_number: number })))
    .onConflict((c) =>
      c
        .column('subject')
        .doUpdateSet({ author: sql<string>`excluded.author` })
        .whereRef('post_authors.author', '<>', sql.ref('excluded.author')),
    ),
);

const deleteAuthor = statement((db, { subject }: { readonly subject: string }) =>
  db.deleteFrom('post_authors').where('subject', '=', subject),
);

/** Leaves a report out of those of its author, since metasmoke does not have it. */
export async function forgetAuthor(trx: Trx, subject: string): Promise<void> {
  await deleteAuthor.run(trx, { subject });
}

/** Stores, in the transaction that writes events, the authors of the reported posts. */
export async function noteAuthors(
  trx: Trx,
  events: readonly Pick<Event, 'role' | 'type' | 'subject' | 'object' | 'origin'>[],
): Promise<void> {
  const authors = new Map<string, PostAuthor>();
  for (const { role, type, origin, subject, object } of events) {
    if (role === 'report' && type === 'destroy') {
      authors.delete(subject);
      await forgetAuthor(trx, subject);
      continue;
    }
    const author = role === 'report' && origin !== 'derived' ? authorKeyOf(object.user_link) : null;
    const number = postNumberOf(subject);
    if (author !== null && number !== null) authors.set(subject, { subject, author, number: Number(number) });
  }
  await putAuthors.all(trx, [...authors.values()]);
}

const reportsOf = statement((db, { author }: { readonly author: string }) =>
  db
    .selectFrom('post_authors as a')
    .leftJoin('post_links as l', 'l.subject', 'a.subject')
    .select(['a.subject', 'l.link'])
    .where('a.author', '=', author)
    .orderBy('a.post_number', 'desc')
    .limit(sql.lit(MOST_REPORTS + 1)),
);

/**
 * Returns the other posts of the author of a reported post, as far as they are in the store; null if there are none, or
 * the author is unknown. The cost does not grow with the number of reports. `row`: the post's own.
 */
export async function readOtherReports(
  db: Database | Trx,
  subject: string,
  row: EventObject,
): Promise<AuthorReports | null> {
  const author = authorKeyOf(row.user_link);
  if (author === null) return null;
  const own = linkKeyOf({ role: 'report', object: row });
  const reports = await reportsOf.all(db, { author });
  const read = reports.slice(0, MOST_REPORTS);
  const others = read.filter((one) => one.subject !== subject && (own === null || one.link !== own));
  const [newest] = others;
  if (newest === undefined) return null;
  const count = new Set(others.map((one) => one.link ?? one.subject)).size;
  return { others: count, more: reports.length > read.length, newest: postNumberOf(newest.subject) ?? '' };
}
