import { sql } from 'kysely';
import { statement } from '../../store/statement.ts';

interface RowInRoom {
  readonly roomId: number;
  readonly rowKey: string;
}

/** Finds the last message about a row that a room has, its subscription, and what it says. Messages are numbered as they are planned. */
export const lastAboutRow = statement((db, { roomId, rowKey }: RowInRoom) =>
  db
    .selectFrom('deliveries as d')
    .innerJoin('messages as m', 'm.id', 'd.message_id')
    .select(['d.content', 'd.subscription', 'm.platform_id as platformId'])
    .where('d.room_id', '=', roomId)
    .where('d.row_key', '=', rowKey)
    .where('d.state', '=', sql.lit('sent'))
    .orderBy('d.message_id', 'desc')
    .orderBy('d.slot', 'desc')
    .limit(sql.lit(1)),
);
