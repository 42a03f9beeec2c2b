import { sql } from 'kysely';
import { maybeSent } from '../outbox/rules/decide.ts';
import type { Database } from '../store/tables.ts';

/** What waits in one room. */
export interface Waiting {
  readonly room: string;
  /** 1: the configuration names it; else its deliveries are parked. */
  readonly configured: 0 | 1;
  /** Deliveries, those with a send that has no answer yet too. */
  readonly count: number;
  /** When the oldest of them reached us, Unix milliseconds. */
  readonly since: number;
}

/**
 * What waits, by room; rooms in which nothing waits are left out. Asked every few seconds, over however many wait: it reads
 * indexes alone. The oldest is the one whose event has the lowest id, since ids grow with arrival.
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
    join rooms r on r.id = u.room_id join events e on e.id = u.oldest group by r.id`.execute(db);
  return rows;
}

/** What waits for the operator, by what it is. */
export interface DeadCounts {
  /** Sends that the room refused, or that could not be made. */
  readonly refused: number;
  /** Sends that the room may show all the same. */
  readonly maybe: number;
  /** Events that our own code failed on. */
  readonly events: number;
}

export async function readDead(db: Database): Promise<DeadCounts> {
  const { rows } = await sql<DeadCounts>`select
    (select count(*) from sends where state = 'dead' and coalesce(reason, '') not like ${`${maybeSent}%`}) as refused,
    (select count(*) from sends where state = 'dead' and reason like ${`${maybeSent}%`}) as maybe,
    (select count(*) from events where state <> 'routed' and state = 'failed') as events`.execute(db);
  return rows[0] ?? { refused: 0, maybe: 0, events: 0 };
}

/** The gaps that are kept (as long as what is settled), of which something is lost or nothing is. */
export interface GapCounts {
  /** Whether something of them cannot be fetched. */
  readonly lost: 0 | 1;
  readonly count: number;
  readonly milliseconds: number;
  /** When the last of them ended, Unix milliseconds. */
  readonly until: number;
}

export async function readGaps(db: Database): Promise<readonly GapCounts[]> {
  const { rows } = await sql<GapCounts>`
    select lost is not null as lost, count(*) as count, sum(until_at - from_at) as milliseconds, max(until_at) as until
    from gaps group by 1`.execute(db);
  return rows;
}

/** The gaps of which something is still to be fetched. */
export interface OpenGaps {
  readonly count: number;
  /** When the one ended that ended first, Unix milliseconds; null: there is none. */
  readonly since: number | null;
}

export async function readOpenGaps(db: Database): Promise<OpenGaps> {
  const { rows } = await sql<OpenGaps>`
    select count(*) as count, min(until_at) as since from gaps where open_from is not null`.execute(db);
  return rows[0] ?? { count: 0, since: null };
}
