import type { Trx } from '../../store/tables.ts';
import type { StoredSend } from './send-row.ts';

/** A reaction of ours that a card's message has. */
export interface Reaction {
  readonly emoji: string;
  /** The platform's id of it; '' if the platform did not take it, so that it is not tried again. */
  readonly id: string;
}

/** Notes that a reaction was added to a card's message, or removed. Does nothing for a send of another kind. */
export async function noteReaction(
  trx: Trx,
  { kind, message_id, target, payload }: StoredSend,
  platformId: string,
): Promise<void> {
  if (kind !== 'react' && kind !== 'redact') return;
  const ofMessage = trx.selectFrom('cards').select('reactions').where('message_id', '=', message_id);
  const card = await ofMessage.executeTakeFirst();
  if (card === undefined) return;
  const there = (JSON.parse(card.reactions) as readonly Reaction[]).filter(({ emoji, id }) =>
    kind === 'redact' ? id !== target : emoji !== payload,
  );
  const reactions = kind === 'react' ? [...there, { emoji: payload, id: platformId }] : there;
  await trx
    .updateTable('cards')
    .set({ reactions: JSON.stringify(reactions) })
    .where('message_id', '=', message_id)
    .execute();
}
