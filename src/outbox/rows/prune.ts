import { sql } from 'kysely';
import { inChunks } from '../../store/in-chunks.ts';
import type { Database, Trx } from '../../store/tables.ts';
import { timeOf } from '../../text/json.ts';

/** Most rows that one transaction deletes, so that no delivery waits for it. */
const BATCH = 200;

/** Deliveries that an active mute stopped stay: the notice at its end counts them. */
const notHeldBack = sql`(mute is null or state <> 'muted'
  or mute not in (select cast(id as text) from mutes where ended_at is null))`;

/** Number of the newest events from which the current time is estimated. */
const ASKED = 200;

/** The bounds of the rows that are old enough to be deleted. */
export interface PruneUntil {
  /** Unix milliseconds. */
  readonly cutoff: number;
  /** Events from this id on came after one that is kept, whatever their times are. */
  readonly firstKept: number;
}

/**
 * Returns the bounds of rows older than `keepMs`. A clock that was set forward would make everything old at once, so it is believed only as far
 * as the newest events go, which have the times of the source. A clock that was set back for a while gave events old
 * times, so nothing is deleted that came after a row that stays. If the source has been silent for long, more is kept.
 */
export async function pruneUntil(db: Database, keepMs: number, now: number): Promise<PruneUntil> {
  const newest = await db.selectFrom('events').select('updated_at').orderBy('id', 'desc').limit(ASKED).execute();
  const times = newest.flatMap((row) => timeOf(row.updated_at) ?? []);
  const cutoff = Math.min(now, times.length === 0 ? now : Math.max(...times)) - keepMs;
  const kept = await db
    .selectFrom('events')
    .select('id')
    .where('received_at', '>=', cutoff)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return { cutoff, firstKept: kept?.id ?? Number.MAX_SAFE_INTEGER };
}

/**
 * Deletes one batch of the rows that were settled before `cutoff` (Unix milliseconds): deliveries and sends, then messages and events
 * to which nothing leads any more. Failed events stay until the operator handled them. Returns the number of deleted rows; 0 if
 * there is nothing left to delete. The highest known id of each model is kept.
 */
export async function pruneBatch(db: Database, until: PruneUntil): Promise<number> {
  const { cutoff, firstKept } = until;
  return db.transaction().execute(async (trx) => {
    const deleted = [
      await sql`delete from sends where id in (
        select id from sends where settled_at < ${cutoff} limit ${BATCH})`.execute(trx),
      await sql`delete from deliveries where id in (
        select id from deliveries where settled_at < ${cutoff} and event_id < ${firstKept} and ${notHeldBack} limit ${BATCH})`.execute(
        trx,
      ),
      await deleteMessages(trx, cutoff),
      await deleteEvents(trx, until),
      await sql`delete from cards where message_id is null and created_at < ${cutoff}`.execute(trx),
      await deleteFolds(trx, cutoff),
      await sql`delete from post_details where subject in (
        select p.subject from post_details p where p.fetched_at < ${cutoff}
        and not exists (select 1 from cards c where c.subject = p.subject)
        and not exists (select 1 from events e where e.subject = p.subject) limit ${BATCH})`.execute(trx),
      await sql`delete from gaps where id in (
        select id from gaps where until_at < ${cutoff} limit ${BATCH})`.execute(trx),
    ];
    return deleted.reduce((sum, result) => sum + Number(result.numAffectedRows ?? 0n), 0);
  });
}

interface Message {
  readonly id: number;
}

const deleteLines = inChunks((db, rows: readonly Message[]) =>
  db.deleteFrom('digest_lines').where('message_id', 'in', idsOf(rows)),
);

const deleteCards = inChunks((db, rows: readonly Message[]) =>
  db.deleteFrom('cards').where('message_id', 'in', idsOf(rows)),
);

const idsOf = (rows: readonly Message[]) => rows.map(({ id }) => id);

/** Deletes messages to which nothing leads any more, with the rows about their subjects. */
async function deleteMessages(trx: Trx, cutoff: number) {
  const deleted = await sql<Message>`delete from messages where id in (
    select m.id from messages m where m.created_at < ${cutoff} and m.content is null
    and not exists (select 1 from deliveries d where d.message_id = m.id)
    and not exists (select 1 from sends s where s.message_id = m.id) limit ${BATCH}) returning id`.execute(trx);
  await deleteLines.all(trx, deleted.rows);
  await deleteCards.all(trx, deleted.rows);
  return { numAffectedRows: BigInt(deleted.rows.length) };
}

/** Deletes the folds of posts whose events are all gone: first their rows, some at a time, then the folds. */
async function deleteFolds(trx: Trx, cutoff: number) {
  const old = sql`f.changed_at < ${cutoff} and not exists (select 1 from events e where e.subject = f.subject)`;
  const { numAffectedRows: rows = 0n } = await sql`delete from post_rows where (subject, role, row_id) in (
      select r.subject, r.role, r.row_id from post_folds f join post_rows r on r.subject = f.subject where ${old} limit ${BATCH})`.execute(
    trx,
  );
  const { numAffectedRows: folds = 0n } = await sql`delete from post_folds where subject in (
      select f.subject from post_folds f where ${old}
      and not exists (select 1 from post_rows r where r.subject = f.subject) limit ${BATCH})`.execute(trx);
  return { numAffectedRows: rows + folds };
}

interface OfSubject {
  readonly subject: string;
}

/** Deletes the rows of posts whose events are all gone. */
const deleteFrom = (table: 'post_links' | 'post_authors') =>
  inChunks((db, rows: readonly OfSubject[]) =>
    db
      .deleteFrom(table)
      .where(
        'subject',
        'in',
        rows.map(({ subject }) => subject),
      )
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('events as e').select('e.id').whereRef('e.subject', '=', `${table}.subject`))),
      ),
  );
const deleteLinks = deleteFrom('post_links');
const deleteAuthors = deleteFrom('post_authors');

async function deleteEvents(trx: Trx, { cutoff, firstKept }: PruneUntil) {
  const old = sql`select e.id from events e where e.received_at < ${cutoff} and e.id < ${firstKept} and e.state in ('routed', 'dropped')
    and not exists (select 1 from deliveries d where d.event_id = e.id) order by e.id limit ${BATCH}`;
  await sql`insert into high_water_marks (source, model, row_id)
    select source, model, max(row_number) from events
    where id in (${old}) and row_number is not null and origin <> 'derived' group by source, model
    on conflict (source, model) do update set row_id = excluded.row_id
    where excluded.row_id > high_water_marks.row_id`.execute(trx);
  const deleted = await sql<OfSubject>`delete from events where id in (${old}) returning subject`.execute(trx);
  const subjects = new Set(deleted.rows.map(({ subject }) => subject));
  const ofSubjects = [...subjects].map((subject) => ({ subject }));
  await deleteLinks.all(trx, ofSubjects);
  await deleteAuthors.all(trx, ofSubjects);
  return { numAffectedRows: BigInt(deleted.rows.length) };
}
