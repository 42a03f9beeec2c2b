import type { Catalogue } from '../../catalogue/catalogue.ts';
import { silentAfterSeconds } from '../../catalogue/silent-after.ts';
import type { Pipeline } from '../../ingest/pipeline.ts';
import type { Router } from '../../router/router.ts';
import { storedEvent } from '../../store/stored-event.ts';
import type { Database } from '../../store/tables.ts';
import { type Detector, silence } from '../../subjects/derive.ts';
import type { Clock } from '../../time/clock.ts';
import type { Event } from '../../words.ts';

/** Age of a detector's last event before the start above which the detector is ignored, ms. */
const FORGOTTEN_MS = 24 * 3_600_000;

export interface SilentDetectorsOptions {
  readonly db: Database;
  readonly catalogue: Pick<Catalogue, 'ofRole'>;
  readonly router: Pick<Router, 'names'>;
  readonly pipeline: Pick<Pipeline, 'conclude'>;
  readonly clock: Clock;
}

/** The detectors, and the pings for which they are silent. */
export interface SilentDetectors {
  /** Notes a ping. */
  received(event: Event): void;
  /** Derives the events that are due. `subscribedMs`: time for which the source is connected. */
  look(subscribedMs: number): void;
  /** Notes the stored pings. */
  read(): Promise<void>;
}

export function createSilentDetectors({
  db,
  catalogue,
  router,
  pipeline,
  clock,
}: SilentDetectorsOptions): SilentDetectors {
  const model = catalogue.ofRole('detector')?.name;
  const detectors = new Map<string, Detector>();
  /** The last ping of a detector whose silence was reported, by subject. */
  const told = new Map<string, unknown>();
  /** Since when pings are requested, by the monotonic clock, ms; null: they are not. */
  let wantedAt: number | null = null;

  function received(event: Event): void {
    const { role, subject, rowId, type, object } = event;
    if (role !== 'detector') return;
    if (type === 'destroy' || rowId === null) detectors.delete(subject);
    else {
      const { source, model, class: className } = event;
      const row = { ...detectors.get(subject)?.row, ...object };
      detectors.set(subject, { source, model, class: className, role, subject, rowId, row });
    }
  }

  function lookAt(detector: Detector, now: number): void {
    const found = silence(detector, now);
    const lastPing = detector.row.last_ping;
    if (found === null || told.get(detector.subject) === lastPing) return;
    told.set(detector.subject, lastPing);
    pipeline.conclude(found);
  }

  return {
    received,
    look(subscribedMs) {
      const isWanted = model !== undefined && (router.names(model, 'silent') || router.names(model, 'back'));
      wantedAt = isWanted ? (wantedAt ?? clock.monotonic()) : null;
      const heardMs = wantedAt === null ? 0 : Math.min(subscribedMs, clock.monotonic() - wantedAt);
      if (heardMs <= silentAfterSeconds * 1_000) return;
      const now = clock.now();
      for (const detector of detectors.values()) lookAt(detector, now);
    },
    async read() {
      const newest = db
        .selectFrom('events')
        .select((s) => s.fn.max('id').as('id'))
        .where('received_at', '>', clock.now() - FORGOTTEN_MS)
        .where('role', '=', 'detector')
        .where('origin', '<>', 'derived')
        .groupBy('row_id');
      const pings = await db.selectFrom('events').selectAll().where('id', 'in', newest).execute();
      for (const row of pings) received(storedEvent(row));
    },
  };
}
