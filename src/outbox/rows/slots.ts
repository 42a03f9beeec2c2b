import { storedEvent } from '../../store/stored-event.ts';
import type { Database } from '../../store/tables.ts';
import type { Event } from '../../words.ts';

/** A slot of a merged message that shows one event. */
interface EventSlot {
  readonly slot: number;
  readonly event: Event;
  readonly template: string | null;
}

/** Returns the slots of a message that show single events, in their order. */
export async function otherSlotsOf(db: Database, messageId: number): Promise<readonly EventSlot[]> {
  const rows = await db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .selectAll('e')
    .select(['d.slot', 'd.template'])
    .where('d.message_id', '=', messageId)
    .where('d.slot', 'is not', null)
    .where('d.slot', 'not in', (s) =>
      s.selectFrom('cards').select('slot').where('message_id', '=', messageId).where('slot', 'is not', null),
    )
    .orderBy('d.slot')
    .execute();
  return rows.map((row) => ({ slot: Number(row.slot), event: storedEvent(row), template: row.template }));
}
