import { sql } from 'kysely';
import { maybeSent } from '../outbox/rules/decide.ts';
import type { Database } from '../store/tables.ts';

/** The unsettled deliveries of one room. */
export interface Waiting {
  readonly room: string;
  /** 1 if the configuration names the room; otherwise its deliveries are parked. */
  readonly configured: 0 | 1;
  /** Number of deliveries, including those whose send has no answer yet. */
  readonly count: number;
  /** Arrival of the oldest of them, Unix milliseconds. */
  readonly since: number;
}

/**
 * Returns the rooms with unsettled deliveries. This runs every few seconds over any number of deliveries, so it reads
 * only indexes. The oldest delivery is the one whose event has the lowest id, because ids grow with arrival.
 */
export async function readWaiting(db: Database): Promise<readonly Waiting[]> {
  const { rows } = await sql<Waiting>`
    with unsettled as (
      select room_id, count(*) as count, min(event_id) as oldest from deliveries where state = 'waiting' group by room_id
      union all
      select room_id, count(*) as count, min(event_id) as oldest from deliveries where state = 'planned' group by room_id
    )
    select r.name as room, r.configured, sum(u.count) as count, e.received_at as since
    from (select room_id, sum(count) as count, min(oldest) as oldest from unsettled group by room_id) u
    join rooms r on r.id = u.room_id join events e on e.id = u.oldest group by r.id, e.received_at`.execute(db);
  return rows;
}

/** Numbers of items that need the operator, by kind. */
export interface DeadCounts {
  /** Sends that the room rejected, or that could not be made. */
  readonly refused: number;
  /** Sends that the room may show nevertheless. */
  readonly maybe: number;
  /** Events on which our own code failed. */
  readonly events: number;
}

export async function readDead(db: Database): Promise<DeadCounts> {
  const { rows } = await sql<DeadCounts>`select
    (select count(*) from sends where state = 'dead' and coalesce(reason, '') not like ${`${maybeSent}%`}) as refused,
    (select count(*) from sends where state = 'dead' and reason like ${`${maybeSent}%`}) as maybe,
    (select count(*) from events where state <> 'routed' and state = 'failed') as events`.execute(db);
  return rows[0] ?? { refused: 0, maybe: 0, events: 0 };
}

/** The stored gaps, as two groups: completely recoverable or not. */
export interface GapCounts {
  /** 1: part of them cannot be fetched. */
  readonly lost: 0 | 1;
  readonly count: number;
  readonly milliseconds: number;
  /** End of the last of them, Unix milliseconds. */
  readonly until: number;
}

export async function readGaps(db: Database): Promise<readonly GapCounts[]> {
  const { rows } = await sql<GapCounts>`
    select case when lost is null then 0 else 1 end as lost, count(*) as count, sum(until_at - from_at) as milliseconds, max(until_at) as until
    from gaps group by 1`.execute(db);
  return rows;
}

/** The gaps that are not completely fetched. */
export interface OpenGaps {
  readonly count: number;
  /** End of the oldest of them, Unix milliseconds; null: there is none. */
  readonly since: number | null;
}

export async function readOpenGaps(db: Database): Promise<OpenGaps> {
  const { rows } = await sql<OpenGaps>`
    select count(*) as count, min(until_at) as since from gaps where open_from is not null`.execute(db);
  return rows[0] ?? { count: 0, since: null };
}
