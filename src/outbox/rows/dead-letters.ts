import type { Database, Trx } from '../../store/tables.ts';

/** Something that waits for the operator: a send that will not be sent by itself, or an event on which our own code failed. */
export interface DeadLetter {
  /** `s12` for a send, `e7` for a failed event. */
  readonly id: string;
  readonly kind: 'send' | 'event';
  /** The room's name; null for an event, which has no room yet. */
  readonly room: string | null;
  readonly subject: string;
  /** `posts#create`, … of each event that it carries. */
  readonly events: readonly string[];
  readonly reason: string;
  /** Time of the first failure, Unix milliseconds. */
  readonly since: number;
  readonly attempts: number;
}

/** Lists all dead letters, oldest first, failed events behind them. */
export async function listDeadLetters(db: Database): Promise<DeadLetter[]> {
  const sends = await db
    .selectFrom('sends as s')
    .innerJoin('rooms as r', 'r.id', 's.room_id')
    .leftJoin('deliveries as d', (j) => j.onRef('d.message_id', '=', 's.message_id').on('d.state', '=', 'dead'))
    .leftJoin('events as e', 'e.id', 'd.event_id')
    .select(['s.id', 'r.name', 's.subject', 's.reason', 's.first_attempt_at', 's.attempts', 'e.model', 'e.type'])
    .where('s.state', '=', 'dead')
    .orderBy('s.id')
    .execute();
  const letters = new Map<number, DeadLetter & { events: string[] }>();
  for (const row of sends) {
    const letter = letters.get(row.id) ?? {
      id: `s${row.id}`,
      kind: 'send' as const,
      room: row.name,
      subject: row.subject,
      events: [],
      reason: row.reason ?? '',
      since: row.first_attempt_at,
      attempts: row.attempts,
    };
    if (row.model !== null) letter.events.push(`${row.model}#${row.type}`);
    letters.set(row.id, letter);
  }
  const events = await db
    .selectFrom('events')
    .select(['id', 'subject', 'model', 'type', 'failure', 'received_at'])
    .where('state', '=', 'failed')
    .orderBy('id')
    .execute();
  return [
    ...letters.values(),
    ...events.map((row) => ({
      id: `e${row.id}`,
      kind: 'event' as const,
      room: null,
      subject: row.subject,
      events: [`${row.model}#${row.type}`],
      reason: row.failure ?? '',
      since: row.received_at,
      attempts: 1,
    })),
  ];
}

/** The outcome for one id that the operator named. */
export type Handled = 'done' | 'unknown';

/**
 * Retries a dead letter, under a new key: its deliveries wait as if they had just come. A failed event is
 * routed again by the running process, or at the next start.
 */
export async function retryDeadLetter(db: Database, id: string, now: number): Promise<Handled> {
  return handle(db, id, {
    event: (trx, eventId) => endFailedEvent(trx, eventId, 'retry'),
    send: async (trx, send) => {
      const waiting = {
        state: 'waiting',
        reason: null,
        due_at: now,
        attempts: 0,
        first_attempt_at: null,
        last_attempt_at: null,
      } as const;
      await trx
        .updateTable('deliveries')
        .set({ ...waiting, counted_ms: 0, settled_at: null, message_id: null, slot: null })
        .where('message_id', '=', send.message_id)
        .where('state', '=', 'dead')
        .execute();
      await endDeadSend(trx, send.id, 'retried by the operator', now);
    },
  });
}

/** Drops a dead letter for good; its deliveries are cancelled. */
export async function dropDeadLetter(db: Database, id: string, now: number): Promise<Handled> {
  return handle(db, id, {
    event: (trx, eventId) => endFailedEvent(trx, eventId, 'dropped'),
    send: async (trx, send) => {
      await trx
        .updateTable('deliveries')
        .set({ state: 'cancelled', reason: 'dropped by the operator', settled_at: now })
        .where('message_id', '=', send.message_id)
        .where('state', '=', 'dead')
        .execute();
      await trx.updateTable('messages').set({ content: null }).where('id', '=', send.message_id).execute();
      await endDeadSend(trx, send.id, 'dropped by the operator', now);
    },
  });
}

interface Handlers {
  event(trx: Trx, eventId: number): Promise<void>;
  send(trx: Trx, send: { readonly id: number; readonly message_id: number }): Promise<void>;
}

async function handle(db: Database, id: string, handlers: Handlers): Promise<Handled> {
  const [, kind, digits] = /^([se])(\d{1,15})$/.exec(id) ?? [];
  return db.transaction().execute(async (trx) => {
    if (kind === 's') {
      const send = await trx
        .selectFrom('sends')
        .select(['id', 'message_id'])
        .where('id', '=', Number(digits))
        .where('state', '=', 'dead')
        .executeTakeFirst();
      if (send === undefined) return 'unknown';
      await handlers.send(trx, send);
      return 'done';
    }
    if (kind !== 'e') return 'unknown';
    const event = await trx
      .selectFrom('events')
      .select('id')
      .where('id', '=', Number(digits))
      .where('state', '=', 'failed')
      .executeTakeFirst();
    if (event === undefined) return 'unknown';
    await handlers.event(trx, event.id);
    return 'done';
  });
}

async function endDeadSend(trx: Trx, id: number, reason: string, now: number): Promise<void> {
  await trx.updateTable('sends').set({ state: 'dropped', reason, settled_at: now }).where('id', '=', id).execute();
}

async function endFailedEvent(trx: Trx, id: number, state: 'retry' | 'dropped'): Promise<void> {
  await trx.updateTable('events').set({ state }).where('id', '=', id).execute();
}
