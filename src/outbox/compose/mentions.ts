import { type PlatformRules, platformOf } from '../../config/platform.ts';
import type { Database } from '../../store/tables.ts';
import type { Mention } from '../../words.ts';
import type { Card } from '../rows/cards.ts';
import type { DueDelivery } from '../rows/due-deliveries.ts';
import type { StoredRoom } from '../rows/rooms.ts';

/** The people that a new message pings, and the subscription for which it does. */
interface Pinged {
  readonly pinged: string | null;
  readonly mentions: readonly Mention[];
}

export interface MentionParts {
  readonly db: Database;
  /** Every platform whose people a subscription may mention. */
  readonly platforms: readonly PlatformRules[];
}

const noPing: Pinged = { pinged: null, mentions: [] };

/**
 * Returns the people that a new message pings: those of its first delivery whose subscription pings anybody on the room's platform, and has
 * not done so in this room within its cooldown. A message that the platform never took counts too: it may still be shown.
 */
export async function mentionsOf(
  { db, platforms }: MentionParts,
  room: StoredRoom,
  deliveries: readonly DueDelivery[],
  now: number,
): Promise<Pinged> {
  for (const { subscription, options } of deliveries) {
    const { mention, mentionCooldownMs: cooldownMs } = options;
    const mentions = mentionsIn(mention, platformOf(platforms, room.platform), platforms);
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
  return noPing;
}

/** Returns the people that a message pinged when it was new: an edit still shows them, without a ping. */
export function mentionedIn(
  { pinged }: { readonly pinged: string | null },
  cards: readonly Card[],
  room: StoredRoom,
  platforms: readonly PlatformRules[],
): readonly Mention[] {
  const card = cards.find(({ subscription }) => subscription === pinged);
  if (card === undefined) return [];
  return mentionsIn(card.options.mention, platformOf(platforms, room.platform), platforms);
}

/** Returns the people of a subscription that a platform can ping; all of them if the platform does not ping, and shows names. */
function mentionsIn(
  written: readonly string[],
  { mention }: PlatformRules,
  platforms: readonly PlatformRules[],
): readonly Mention[] {
  const rules = mention === null ? platforms.flatMap((platform) => platform.mention ?? []) : [mention];
  return written.flatMap((text) => rules.flatMap((each) => each.parse(text) ?? []).slice(0, 1));
}
