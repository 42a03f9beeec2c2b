import { type SqlBool, sql } from 'kysely';

/** A condition on `messages as m`: the message has no send without a clear answer, and no dead letter. */
export const hasNoOpenSend = sql<SqlBool>`not exists (
  select 1 from sends as s where s.message_id = m.id and s.state in ('pending', 'dead'))`;
