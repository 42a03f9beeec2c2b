import type { DerivedConfig } from './config.ts';
import type { Context } from './context.ts';
import { readDuration } from './read-duration.ts';
import { readNumber } from './read-number.ts';
import { getText, type Mapping } from './tree.ts';

const defaultQuotaBelow = 1_000;

/** `derived:`, with its defaults, from when on something is concluded; null where something in it is wrong, which is reported. */
export function readDerived(context: Context, map: Mapping | null): DerivedConfig | null {
  const lingeringAfterMs = readDuration(context, getText(map, 'lingering_after'), '1s', '7d', '10m');
  const lostAfterMs = readDuration(context, getText(map, 'lost_after'), '1s', '1d', '2m');
  const quotaBelow = readNumber(context, map, 'quota_below', 1, 1_000_000) ?? defaultQuotaBelow;
  return lingeringAfterMs === 'wrong' || lostAfterMs === 'wrong' ? null : { lingeringAfterMs, lostAfterMs, quotaBelow };
}
