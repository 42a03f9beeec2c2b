import type { SourceConfig, StoreConfig } from './config.ts';
import { type Context, textError } from './context.ts';
import { getMap, getText, type Mapping } from './tree.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Margin of `keep` over `max_age`, ms: rows are read from five minutes before a gap on (`source/read-gap.ts`), and clocks differ. */
const BEYOND_MS = 15 * MINUTE_MS;

/**
 * Refuses a store that forgets events that may still be fetched: they would come to the rooms a second time. `keep` is not raised
 * instead, since that would keep data that the operator wants gone.
 */
export function checkKeep(
  context: Context,
  top: Mapping,
  { source, store }: { readonly source: SourceConfig; readonly store: StoreConfig },
): void {
  const { api, backfillMaxAgeMs } = source;
  const neededMs = backfillMaxAgeMs + BEYOND_MS;
  if (api === null || store.keepMs >= neededMs) return;
  const keep = getText(getMap(top, 'store'), 'keep');
  const maxAge = getText(getMap(getMap(top, 'source'), 'backfill'), 'max_age');
  const written = { keep: keep?.written ?? '30d', maxAge: maxAge?.written ?? '24h' };
  const at = keep ?? maxAge;
  // Neither default is too short for the other.
  if (at === null) return;
  textError(
    context,
    at,
    0,
    `store.keep (${written.keep}) is too short for source.backfill.max_age (${written.maxAge}): after a gap, what was let go would be shown a second time`,
    at === keep
      ? `write keep: ${longerText(neededMs)}, or a shorter max_age`
      : `write max_age: ${shorterText(store.keepMs - BEYOND_MS)}, or a longer keep`,
  );
}

/** The shortest time that is at least `ms`, in whole hours or days. */
function longerText(ms: number): string {
  const hours = Math.ceil(ms / HOUR_MS);
  return hours <= 48 ? `${hours}h` : `${Math.ceil(ms / DAY_MS)}d`;
}

/** The longest time within `ms`, in whole minutes, hours or days. */
function shorterText(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${Math.floor(ms / DAY_MS)}d`;
  return ms >= HOUR_MS ? `${Math.floor(ms / HOUR_MS)}h` : `${Math.floor(ms / MINUTE_MS)}m`;
}
