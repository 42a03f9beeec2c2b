import { sql } from 'kysely';
import { inChunks } from '../store/in-chunks.ts';
import type { Database, Trx } from '../store/tables.ts';
import { linkKeyOf } from '../subjects/link-key.ts';
import type { Event } from '../words.ts';
import { noteAuthors } from './authors.ts';

/** Most twins of a post that are read, so that the cost of an event has a limit. Three are rare. */
const MOST_TWINS = 20;

interface PostLink {
  readonly subject: string;
  readonly link: string;
}

const putLinks = inChunks((db, rows: readonly PostLink[]) =>
  db
    .insertInto('post_links')
    .values(rows.map(({ subject, link }) => ({ subject, link })))
    .onConflict((c) =>
      c
        .column('subject')
        .doUpdateSet({ link: sql<string>`excluded.link` })
        .whereRef('post_links.link', '<>', sql.ref('excluded.link')),
    ),
);

/**
 * Stores, in the transaction that writes events, the links and the authors of the reported posts, by which twins and other
 * reports of an author are found.
 */
export async function noteLinks(
  trx: Trx,
  events: readonly Pick<Event, 'role' | 'type' | 'subject' | 'object' | 'origin'>[],
): Promise<void> {
  const links = new Map<string, PostLink>();
  for (const event of events) {
    const link = event.origin === 'derived' ? null : linkKeyOf(event);
    if (link !== null) links.set(event.subject, { subject: event.subject, link });
  }
  await putLinks.all(trx, [...links.values()]);
  await noteAuthors(trx, events);
}

interface OfSubject {
  readonly subject: string;
}

const twinsBySubject = inChunks((db, rows: readonly OfSubject[]) =>
  db
    .selectFrom('post_links as p')
    .innerJoin('post_links as o', 'o.link', 'p.link')
    .select(['p.subject', 'o.subject as twin'])
    .where(
      'p.subject',
      'in',
      rows.map(({ subject }) => subject),
    )
    .whereRef('o.subject', '<>', 'p.subject')
    .where('o.subject', 'in', (s) =>
      s
        .selectFrom('post_links as t')
        .select('t.subject')
        .whereRef('t.link', '=', 'p.link')
        .orderBy('t.subject')
        .limit(sql.lit(MOST_TWINS)),
    ),
);

/** Returns the other reports of the same post, by subject; most posts have none and are missing. */
export async function twinsOf(
  db: Database | Trx,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (subjects.length === 0) return new Map();
  const found = await twinsBySubject.all(
    db,
    subjects.map((subject) => ({ subject })),
  );
  const bySubject = Map.groupBy(found, ({ subject }) => subject);
  return new Map([...bySubject].map(([subject, twins]) => [subject, twins.map(({ twin }) => twin)]));
}

/** Returns the other reports of the same post; none for most posts. */
export async function twinsOfOne(db: Database | Trx, subject: string): Promise<readonly string[]> {
  return (await twinsOf(db, [subject])).get(subject) ?? [];
}

/**
 * Returns the reports of the posts with these links, as `linkKeyOf` returns them, the newest first. Behind each link a
 * name may follow: `//superuser.com/questions/7/the-title`.
 */
export async function reportsByLink(db: Database, links: readonly string[]): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('post_links')
    .select('subject')
    .where(({ or, and, eb }) =>
      or(
        links.flatMap((link) => [
          eb('link', '=', link),
          // The character behind the slash: all that begin with `<link>/`, found by the index.
          and([eb('link', '>', `${link}/`), eb('link', '<', `${link}0`)]),
        ]),
      ),
    )
    .orderBy(sql`length(subject)`, 'desc')
    .orderBy('subject', 'desc')
    .limit(MOST_TWINS)
    .execute();
  return rows.map(({ subject }) => subject);
}
