import type { Mention } from '../../adapters/adapter.ts';
import { readOptions } from '../../router/subscription-options.ts';
import type { Database } from '../../store/tables.ts';
import type { EventObject } from '../../words.ts';
import type { DueDelivery } from '../rows/pick.ts';
import type { StoredRoom } from '../rows/rooms.ts';

/** What is pinged by a new message, and for which subscription. */
interface Pinged {
  readonly pinged: string | null;
  readonly mentions: readonly Mention[];
}

const nobody: Pinged = { pinged: null, mentions: [] };

/**
 * Whom a new message pings: those of the first of its deliveries whose subscription pings anybody of the room's platform, and has
 * not done so in this room within its cooldown. A message that the platform never took counts as one that pinged: it may come yet.
 */
export async function mentionsOf(
  db: Database,
  room: StoredRoom,
  deliveries: readonly DueDelivery[],
  now: number,
): Promise<Pinged> {
  for (const { subscription, options } of deliveries) {
    const { mention, mentionCooldownMs: cooldownMs } = options;
    const mentions = mentionsIn(mention, room.platform);
    if (mentions.length === 0) continue;
    const before = await db
      .selectFrom('messages')
      .select('id')
      .where('room_id', '=', room.id)
      .where('pinged', '=', subscription)
      .where('created_at', '>', now - cooldownMs)
      .where('created_at', '<=', now)
      .executeTakeFirst();
    if (before === undefined) return { pinged: subscription, mentions };
  }
  return nobody;
}

/** Whom a message pinged when it was new: an edit shows them still, and pings nobody. */
export function mentionedIn(
  { pinged }: { readonly pinged: string | null },
  cards: readonly { readonly subscription: string; readonly options: EventObject }[],
  { platform }: StoredRoom,
): readonly Mention[] {
  const card = cards.find(({ subscription }) => subscription === pinged);
  return card === undefined ? [] : mentionsIn(readOptions(card.options).mention, platform);
}

/** `@you:example.org`, `discord:<user id>`, `discord-role:<role id>`: those that the platform knows. */
function mentionsIn(written: readonly string[], platform: StoredRoom['platform']): readonly Mention[] {
  return written.flatMap((one): Mention[] => {
    const [, role, id] = /^discord(-role)?:(\d+)$/.exec(one) ?? [];
    if (id !== undefined) return platform === 'matrix' ? [] : [{ kind: role === undefined ? 'user' : 'role', id }];
    return platform === 'discord' ? [] : [{ kind: 'user', id: one }];
  });
}
