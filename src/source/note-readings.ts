import type { Clock } from '../clock.ts';
import { formatDuration } from '../duration.ts';
import type { Log } from '../log.ts';
import type { TellOperators } from '../operators.ts';
import type { Database } from '../store/tables.ts';
import { type Gap, giveUpGaps, noteReading, type Reading, tellableGaps } from './gaps.ts';

/** So long after its end a gap may be open before operators are told, in milliseconds: an API is away for a while at times. */
const TELL_AFTER_MS = 10 * 60_000;

export interface NoteReadingsOptions {
  readonly db: Database;
  readonly source: string;
  /** So long what was missed is asked for, in milliseconds. */
  readonly maxAgeMs: number;
  readonly tell: TellOperators;
  readonly clock: Clock;
  readonly log: Log;
}

/** Notes each reading of the API for the gaps that it was of, gives up those that are too old, and tells operators of those that stay open. */
export function createNoteReadings(options: NoteReadingsOptions): (reading: Reading) => Promise<void> {
  const { db, source, maxAgeMs, tell, clock, log } = options;

  function tellGivenUp(gaps: readonly Gap[]): void {
    if (gaps.length === 0) return;
    const text = `${spanOf(gaps)} could not all be fetched within ${formatDuration(maxAgeMs)} (source.backfill.max_age)${whyOf(gaps)}`;
    log.error({ gaps: gaps.length }, `${text}; the rest is lost`);
    tell('gap given up', `${text}. The rest is lost.`);
  }

  function tellOpen(gaps: readonly Gap[]): void {
    const last = Math.max(...gaps.map(({ until }) => until));
    if (gaps.length > 0)
      tell(
        'gap open',
        `${spanOf(gaps)} could not be fetched yet${whyOf(gaps)}. It is tried again until ${iso(last + maxAgeMs)}.`,
      );
  }

  return async (reading) => {
    const { from, rows, failed } = reading;
    const { wasTold } = await noteReading(db, source, reading);
    if (failed === null) {
      if (wasTold) tell('gap closed', `What was missed since ${iso(from)} is fetched now, ${rows} rows.`);
      return;
    }
    const now = clock.now();
    tellGivenUp(await giveUpGaps(db, source, now - maxAgeMs));
    tellOpen(await tellableGaps(db, source, { endedBefore: now - TELL_AFTER_MS, now }));
  };
}

/** Of what time these gaps are; there is at least one. */
function spanOf(gaps: readonly Gap[]): string {
  const from = Math.min(...gaps.map((gap) => gap.openFrom ?? gap.from));
  const until = Math.max(...gaps.map((gap) => gap.until));
  const span = `from ${iso(from)} to ${iso(until)}`;
  return gaps.length === 1 ? `Events ${span}` : `Events of ${gaps.length} gaps ${span}`;
}

function whyOf(gaps: readonly Gap[]): string {
  const problem = gaps.find((gap) => gap.problem !== null)?.problem;
  return problem == null ? '' : `: ${problem}`;
}

const iso = (unixMs: number) => new Date(unixMs).toISOString();
