import type { DetailName } from '../subjects/detail-names.ts';
import type { EventObject, Json } from '../words.ts';

/** How a room is told of what happens to a card: the card is edited, it is answered, in the room or in a thread of its own, or it gets reactions. */
export const updateKinds = ['edit', 'reply', 'thread', 'react'] as const;
export type UpdateKind = (typeof updateKinds)[number];

/** What a subscription's options, of which each delivery has a copy, say of cards. */
export interface CardOptions {
  readonly isCard: boolean;
  readonly updates: UpdateKind;
  readonly details: readonly DetailName[];
}

/** Options are ours, but may be of a later version. */
export function cardOptions({ card, updates, details }: EventObject): CardOptions {
  return {
    isCard: card === true,
    updates: updateKinds.find((kind) => kind === updates) ?? 'edit',
    details: textsOf(details) as readonly DetailName[],
  };
}

function textsOf(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
