import type { Log } from '../../log.ts';
import type { TellOperators } from '../../notices/operator-notices.ts';
import type { Database } from '../../store/tables.ts';
import { counted } from '../../text/counted.ts';
import type { Clock } from '../../time/clock.ts';
import { formatDuration } from '../../time/duration.ts';
import type { Gap } from '../../words.ts';
import { giveUpGaps, noteReading, type Reading, tellableGaps } from './gap-rows.ts';

/** Delay after the end of a gap before operators are told that it is open, ms. Short outages of the API are normal. */
const TELL_AFTER_MS = 10 * 60_000;

export interface NoteReadingsOptions {
  readonly db: Database;
  readonly source: string;
  /** Returns the age after which a gap is given up, ms. */
  readonly maxAgeMs: () => number;
  readonly tell: TellOperators;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Returns a function that stores each reading of the API for the gaps it covers, gives up gaps that are too old, and
 * notifies operators of those that stay open.
 */
export function createNoteReadings(options: NoteReadingsOptions): (reading: Reading) => Promise<void> {
  const { db, source, maxAgeMs, tell, clock, log } = options;

  function tellGivenUp(gaps: readonly Gap[]): void {
    if (gaps.length === 0) return;
    const text = `${spanOf(gaps)} could not all be fetched within ${formatDuration(maxAgeMs())} (source.backfill.max_age)${whyOf(gaps)}`;
    log.error({ gaps: gaps.length }, `${text}; the rest is lost`);
    tell('gap given up', `${text}. The rest is lost.`);
  }

  function tellOpen(gaps: readonly Gap[]): void {
    const last = Math.max(...gaps.map(({ until }) => until));
    if (gaps.length > 0)
      tell(
        'gap open',
        `${spanOf(gaps)} could not be fetched yet${whyOf(gaps)}. Lookout retries until ${iso(last + maxAgeMs())}.`,
      );
  }

  return async (reading) => {
    const { from, rows, failed } = reading;
    const now = clock.wall();
    const { wasTold } = await noteReading(db, source, { reading, now });
    if (failed === null) {
      if (wasTold) tell('gap closed', `The events missed since ${iso(from)} are fetched now, ${counted(rows, 'row')}.`);
      return;
    }
    tellGivenUp(await giveUpGaps(db, source, now - maxAgeMs()));
    tellOpen(await tellableGaps(db, source, { endedBefore: now - TELL_AFTER_MS, now }));
  };
}

/** Describes the time of one or more gaps. */
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
