import { sql } from 'kysely';
import type { SubscriptionOptions } from '../router/subscription-options.ts';
import { statement } from '../store/statement.ts';
import type { Trx } from '../store/tables.ts';
import { readPartsOf } from '../subject-rows/post-parts.ts';
import { linkKeyOf } from '../subjects/link-key.ts';
import { timeOf } from '../text/json.ts';
import type { Event } from '../words.ts';
import type { NewDelivery } from './new-event.ts';

/** Returns the link of a reported post, for a subscription that merges reports; null if this delivery is merged with no other. */
export function mergeLink(event: Event, options: SubscriptionOptions): string | null {
  return options.mergeReportsMs === null || event.type !== 'create' ? null : linkKeyOf(event);
}

/** A report that a room has instead of another one of the same post. */
export interface Merged {
  readonly subject: string;
  /** Why the other one needs no message. */
  readonly reason: string;
}

interface OfLink {
  readonly roomId: number;
  readonly subscription: string;
  readonly link: string;
  readonly subject: string;
}

const newestOfLink = statement((db, { roomId, subscription, link, subject }: OfLink) =>
  db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select(['d.subject', 'e.received_at', 'e.made_at'])
    .where('d.room_id', '=', roomId)
    .where('d.link', '=', link)
    // Literals, not parameters: SQLite uses a partial index only if it sees its condition in the text.
    .where(sql<boolean>`d.state in ('waiting', 'planned', 'sent')`)
    .where('d.subscription', '=', subscription)
    .where('d.subject', '<>', subject)
    .orderBy('d.id', 'desc')
    .limit(sql.lit(1)),
);

const absent = statement((db, { subject }: Pick<OfLink, 'subject'>) =>
  db.selectFrom('post_details').select('subject').where('subject', '=', subject).where('absent_at', 'is not', null),
);

/**
 * Two detectors may report one post, each under an id of its own. Returns the report that a room
 * has already, so that this one needs no message; null if it needs one. Looks at the newest report of the link alone, by an index, so that the
 * cost does not grow with the number of reports.
 */
export async function reportedAlready(trx: Trx, event: Event, delivery: NewDelivery): Promise<Merged | null> {
  const { mergeReportsMs: withinMs } = delivery.options;
  const link = mergeLink(event, delivery.options);
  if (withinMs === null || link === null) return null;
  const { roomId, subscription } = delivery;
  const newest = await newestOfLink.first(trx, { roomId, subscription, link, subject: event.subject });
  if (newest === undefined) return null;
  // Two that were fetched after a gap came together, whenever they were reported.
  const newestAt = newest.made_at ?? newest.received_at;
  const at = timeOf(event.object.created_at) ?? event.receivedAt;
  if (Math.abs(at - newestAt) >= withinMs) return null;
  const { subject } = newest;
  // One that was removed from metasmoke, or was never there, stands for no other.
  if ((await absent.first(trx, { subject })) !== undefined) return null;
  if ((await readPartsOf(trx, subject)).post?.isDestroyed === true) return null;
  return { subject, reason: `the same post was reported as ${subject} before` };
}
