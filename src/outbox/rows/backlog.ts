import { sql } from 'kysely';
import type { Database } from '../../store/tables.ts';

/** The waiting deliveries of one room. */
export interface Backlog {
  readonly room: string;
  /** As the configuration writes it: `matrix:#alias:server`. */
  readonly address: string;
  /** Number of deliveries that will be sent, including those with a send that has no answer yet. */
  readonly waiting: number;
  /** Number of deliveries that wait for their room to be in the configuration again. */
  readonly parked: number;
  /** Time at which the oldest of them reached us, Unix milliseconds. */
  readonly since: number;
}

/** Lists the waiting deliveries by room; rooms without any are left out. */
export async function listBacklog(db: Database): Promise<Backlog[]> {
  const { rows } = await sql<Backlog>`
    select r.name as room, r.address,
      sum(case when d.reason = 'parked' then 0 else 1 end) as waiting,
      sum(case when d.reason = 'parked' then 1 else 0 end) as parked,
      min(e.received_at) as since
    from deliveries d join rooms r on r.id = d.room_id join events e on e.id = d.event_id
    where d.state in ('waiting', 'planned') group by r.id order by r.id`.execute(db);
  return rows;
}
