import type { Database } from '../store/tables.ts';
import { costOf, digestMessage, type Entry } from './digest/digest-message.ts';
import { readEntries } from './digest/read-entries.ts';
import type { DueDelivery } from './pick.ts';
import type { Digest } from './sender.ts';

/** So many deliveries of a gap are looked at together. */
export const mostOfGap = 300;

/**
 * What a room is told of a long gap: a digest of the posts that are gone again, as many as one message has room for; null
 * where there are none. What still stands gets messages of its own, as if it had just come.
 */
export async function tellOfGap(
  db: Database,
  deliveries: readonly DueDelivery[],
  { units, lastedMs }: { readonly units: number; readonly lastedMs: number },
): Promise<Digest | null> {
  const entries = await readEntries(
    db,
    deliveries.map(({ event }) => event),
  );
  const fitting = fit(
    entries.filter(({ post }) => post !== null && post.fate !== 'stands'),
    units,
  );
  const standing = new Set(
    entries.filter(({ post }) => post === null || post.fate === 'stands').map(({ subject }) => subject),
  );
  const ids = deliveries.filter(({ subject }) => standing.has(subject)).map(({ id }) => id);
  if (ids.length > 0) await db.updateTable('deliveries').set({ catch_up: null }).where('id', 'in', ids).execute();
  const told = deliveries.filter(({ subject }) => fitting.some((entry) => entry.subject === subject));
  const [first] = told;
  if (first === undefined) return null;
  const counts = new Map<string, number>();
  for (const { event } of told) counts.set(event.model, (counts.get(event.model) ?? 0) + 1);
  const content = digestMessage({ entries: fitting, counts, lastedMs, about: 'gap' });
  return { deliveries: told, message: { new: { subject: first.subject, kind: 'digest', wave: null } }, content };
}

function fit(entries: readonly Entry[], units: number): readonly Entry[] {
  let used = 0;
  const end = entries.findIndex((entry, index) => {
    used += costOf(entry);
    return used > units && index > 0;
  });
  return end < 0 ? entries : entries.slice(0, end);
}
