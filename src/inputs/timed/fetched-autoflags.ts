import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { Pipeline } from '../../ingest/pipeline.ts';
import type { Router } from '../../router/router.ts';
import type { Database } from '../../store/tables.ts';
import { readState } from '../../subject-rows/known-post.ts';
import { twinsOfOne } from '../../subject-rows/twins.ts';
import { autoflaggedByRow } from '../../subjects/derive.ts';
import { isFetchedReport } from '../../subjects/order.ts';
import type { Clock } from '../../time/clock.ts';
import type { Event } from '../../words.ts';
import { isTold } from './is-told.ts';
import { FETCHED_MS } from './lingering-posts.ts';

/** Age up to which a fetched report is checked after a restart, ms. */
const READ_MS = 3_600_000;

export interface FetchedAutoflagsOptions {
  readonly db: Database;
  readonly source: string;
  readonly catalogue: Pick<Catalogue, 'ofRole'>;
  readonly router: Pick<Router, 'names'>;
  readonly pipeline: Pick<Pipeline, 'conclude'>;
  readonly clock: Clock;
}

/**
 * The fetched reports whose rows say that they were autoflagged. The flag logs tell when, if the API lists them; if none
 * came, the row alone has to be believed.
 */
export interface FetchedAutoflags {
  /** Notes a report. */
  received(event: Event): void;
  /** Derives the events that no flag log led to. */
  look(): Promise<void>;
  /** Age up to which stored reports are noted at the start, ms. */
  readonly readMs: number;
}

export function createFetchedAutoflags(options: FetchedAutoflagsOptions): FetchedAutoflags {
  const { db, source, router, pipeline, clock } = options;
  const report = options.catalogue.ofRole('report');
  /** Time at which a report was received, Unix milliseconds, by subject. */
  const unchecked = new Map<string, number>();

  function received(event: Event): void {
    if (isFetchedReport(event) && event.object.autoflagged === true) unchecked.set(event.subject, event.receivedAt);
  }

  return {
    received,
    readMs: READ_MS,
    async look() {
      const now = clock.now();
      const isAsked = report !== undefined && router.names(report.name, 'autoflagged');
      for (const [subject, receivedAt] of unchecked) {
        if (now - receivedAt < FETCHED_MS) continue;
        const twins = await twinsOfOne(db, subject);
        if (isAsked && !(await isTold(db, subject, twins, 'autoflagged'))) {
          const state = await readState(db, subject);
          if (state.fate !== 'removed') {
            pipeline.conclude(autoflaggedByRow({ source, subject, report }, state, now));
            // That is stored later.
            for (const twin of twins) unchecked.delete(twin);
          }
        }
        unchecked.delete(subject);
      }
    },
  };
}
