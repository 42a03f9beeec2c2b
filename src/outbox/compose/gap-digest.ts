import { inChunks } from '../../store/in-chunks.ts';
import type { Database } from '../../store/tables.ts';
import { countWithin } from '../../text/count-within.ts';
import type { Clock } from '../../time/clock.ts';
import type { DueDelivery } from '../rows/due-deliveries.ts';
import { newMessage } from '../rows/store-send.ts';
import { countEvents, readEntries } from './digest-entries.ts';
import { costOf, digestMessage, isOver } from './digest-message.ts';
import type { Draw } from './draw.ts';
import type { Digest } from './sender.ts';

/** Gives the posts that still stand messages of their own. */
const standsStill = inChunks((db, rows: readonly { readonly id: number }[]) =>
  db
    .updateTable('deliveries')
    .set({ catch_up: null })
    .where(
      'id',
      'in',
      rows.map(({ id }) => id),
    ),
);

/** Most deliveries of a gap that are looked at together. */
export const mostOfGap = 300;

export interface GapDigestOptions {
  /** About how much text the message may have, UTF-16 units. */
  readonly units: number;
  readonly lastedMs: number;
  readonly pageOf: Draw['pageOf'];
  /** Returns the posts of these whose titles the room hides. */
  readonly hidden: (subjects: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly clock: Clock;
}

/**
 * Returns the digest of a long gap: the posts that are gone again, as many as one message has room for; null if there are
 * none. The posts that still stand get messages of their own, as if they had just come.
 */
export async function digestOfGap(
  db: Database,
  deliveries: readonly DueDelivery[],
  { units, lastedMs, clock, pageOf, hidden }: GapDigestOptions,
): Promise<Digest | null> {
  const entries = await readEntries({ db, pageOf, hidden, clock }, deliveries);
  const over = entries.filter(isOver);
  const fitting = over.slice(0, countWithin(over.map(costOf), units));
  const gone = new Set(over.map(({ subject }) => subject));
  const shown = new Set(fitting.map(({ subject }) => subject));
  const standing = deliveries.filter(({ subject }) => !gone.has(subject)).map(({ id }) => id);
  await standsStill.all(
    db,
    standing.map((id) => ({ id })),
  );
  const told = deliveries.filter(({ subject }) => shown.has(subject));
  const [first] = told;
  if (first === undefined) return null;
  const counts = countEvents(told);
  const content = digestMessage({ entries: fitting, counts, lastedMs, about: 'gap' });
  return { deliveries: told, message: newMessage({ subject: first.subject, kind: 'digest' }), content };
}
