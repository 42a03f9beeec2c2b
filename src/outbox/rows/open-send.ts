import { type SqlBool, sql } from 'kysely';

/** Of `messages as m`: no send of the message is without a clear answer, or a dead letter. */
export const hasNoOpenSend = sql<SqlBool>`not exists (
  select 1 from sends as s where s.message_id = m.id and s.state in ('pending', 'dead'))`;
