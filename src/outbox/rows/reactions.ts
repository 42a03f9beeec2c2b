import type { Trx } from '../../store/tables.ts';
import type { StoredSend } from './send-row.ts';

/** A reaction of ours that a card's message has. */
export interface Reaction {
  readonly emoji: string;
  /** The platform's id of it; '' where the platform did not take it, so that it is not tried again. */
  readonly id: string;
}

/** The reactions that a card's `told` lists; what is no reaction is left out. */
export function reactionsOf(told: string): readonly Reaction[] {
  const facts = JSON.parse(told) as readonly Partial<Reaction>[];
  return facts.flatMap(({ emoji, id }) => (typeof emoji === 'string' && typeof id === 'string' ? [{ emoji, id }] : []));
}

/** Notes that a reaction was put to a card's message, or taken away. Does nothing for a send of another kind. */
export async function noteReaction(
  trx: Trx,
  { kind, message_id, target, payload }: StoredSend,
  platformId: string,
): Promise<void> {
  if (kind !== 'react' && kind !== 'redact') return;
  const ofMessage = trx.selectFrom('cards').selectAll().where('message_id', '=', message_id);
  const card = await ofMessage.executeTakeFirst();
  if (card === undefined) return;
  const there = reactionsOf(card.told).filter(({ emoji, id }) =>
    kind === 'redact' ? id !== target : emoji !== payload,
  );
  const told = kind === 'react' ? [...there, { emoji: payload, id: platformId }] : there;
  await trx
    .updateTable('cards')
    .set({ told: JSON.stringify(told) })
    .where('message_id', '=', message_id)
    .execute();
}
