import { sql } from 'kysely';
import { statement } from '../../store/statement.ts';
import type { Database } from '../../store/tables.ts';

/** Delay behind a send whose due time is not known, ms. */
const UNKNOWN_WAIT_MS = 60_000;

interface Behind {
  readonly roomId: number;
  readonly subject: string;
  readonly dueAt: number;
}

/** Lets the deliveries of a subject wait until an instant. */
const waitUntil = statement((db, { roomId, subject, dueAt }: Behind) =>
  db
    .updateTable('deliveries')
    .set({ ready: sql.lit(0), due_at: dueAt })
    .where('room_id', '=', roomId)
    .where('subject', '=', subject)
    .where('state', '=', sql.lit('waiting'))
    .where('due_at', '<=', dueAt),
);

/** The same, for a reason that another delivery of the subject has. */
const waitForReason = statement((db, { roomId, subject, dueAt, reason }: Behind & { readonly reason: string | null }) =>
  db
    .updateTable('deliveries')
    .set({ ready: sql.lit(0), due_at: dueAt, reason })
    .where('room_id', '=', roomId)
    .where('subject', '=', subject)
    .where('state', '=', sql.lit('waiting'))
    .where('due_at', '<=', dueAt),
);

const openSendDueAt = statement((db, { roomId, subject }: Pick<Behind, 'roomId' | 'subject'>) =>
  db
    .selectFrom('deliveries as d')
    .innerJoin('sends as s', 's.message_id', 'd.message_id')
    .select((e) => e.fn.max<number | null>('s.due_at').as('dueAt'))
    .where('d.room_id', '=', roomId)
    .where('d.subject', '=', subject)
    .where('d.state', '=', sql.lit('planned'))
    .where('s.state', '=', sql.lit('pending')),
);

/** The cause for which the deliveries of a subject wait: a send without a clear answer, or a first delivery that is not due yet. */
export type HeldBy = 'open send' | { readonly dueAt: number; readonly reason: string | null };

/** Lets all due deliveries of a subject wait as long as the cause that holds them back, so that they are not read again before. */
export async function holdBehind(
  db: Database,
  roomId: number,
  subject: string,
  heldBy: HeldBy,
  now: number,
): Promise<void> {
  if (heldBy !== 'open send') {
    await waitForReason.run(db, { roomId, subject, dueAt: heldBy.dueAt, reason: heldBy.reason });
    return;
  }
  const row = await openSendDueAt.first(db, { roomId, subject });
  await waitUntil.run(db, { roomId, subject, dueAt: Math.max(now + 1, row?.dueAt ?? now + UNKNOWN_WAIT_MS) });
}
