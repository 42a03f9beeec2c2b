import { lastTold } from '../../ingest/conclude.ts';
import type { Pipeline } from '../../ingest/pipeline.ts';
import type { Log } from '../../log.ts';
import type { Router } from '../../router/router.ts';
import { logFailure } from '../../store/log-failure.ts';
import type { Database } from '../../store/tables.ts';
import { sourceBack, sourceLost } from '../../subjects/derive.ts';
import type { Clock } from '../../time/clock.ts';
import type { Outage } from '../source/outage-watch.ts';

export interface SourceOutagesOptions {
  readonly db: Database;
  readonly source: string;
  readonly router: Pick<Router, 'names'>;
  readonly pipeline: Pick<Pipeline, 'conclude' | 'idle'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The events that the source is lost and that it is back, for rooms that subscribe to them. */
export interface SourceOutages {
  lost(outage: Outage): void;
  /** Call this at each subscription: the source may be back after a reported loss, even one reported by an earlier process. */
  heard(): void;
  /** Tries again to report that the source is back, if that failed. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

export function createSourceOutages({ db, source, router, pipeline, clock, log }: SourceOutagesOptions): SourceOutages {
  /** The source is connected, and the store was not asked yet if that must be reported. */
  let isHeard = false;
  let saying: Promise<void> = Promise.resolve();

  const isAsked = () => router.names('source', 'lost') || router.names('source', 'back');

  async function sayBack(): Promise<void> {
    await pipeline.idle();
    const last = await lastTold(db, `source:${source}`);
    isHeard = false;
    if (last?.type !== 'lost') return;
    const { since, reason } = last.object;
    const outage = { name: source, reason: String(reason), since: Date.parse(String(since)) };
    pipeline.conclude(sourceBack(outage, clock.wall()));
  }

  return {
    lost(outage) {
      if (isAsked()) pipeline.conclude(sourceLost({ name: source, ...outage }, clock.wall()));
    },
    heard() {
      if (!isAsked()) return;
      isHeard = true;
      saying = saying
        .then(sayBack)
        .catch((err: unknown) => logFailure(log, err, {}, 'could not report that the source is back; retrying in 5 s'));
    },
    async look() {
      if (isHeard) await sayBack();
    },
    stop: () => saying,
  };
}
