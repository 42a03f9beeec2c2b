import type { Catalogue } from '../../catalogue/catalogue.ts';
import { silentAfterSeconds } from '../../catalogue/silent-after.ts';
import type { PingReader } from '../../catalogue/source-api.ts';
import type { Pipeline } from '../../ingest/pipeline.ts';
import type { Log } from '../../log.ts';
import type { Router } from '../../router/router.ts';
import { storedEvent } from '../../store/stored-event.ts';
import type { Database } from '../../store/tables.ts';
import { type Derived, type Detector, silence } from '../../subjects/derive.ts';
import { timeOf } from '../../text/json.ts';
import type { Clock } from '../../time/clock.ts';
import type { Event } from '../../words.ts';

/** Age of a detector's last event before the start above which the detector is ignored, ms. */
const FORGOTTEN_MS = 24 * 3_600_000;

export interface SilentDetectorsOptions {
  readonly db: Database;
  readonly catalogue: Pick<Catalogue, 'ofRole'>;
  readonly router: Pick<Router, 'names'>;
  readonly pipeline: Pick<Pipeline, 'conclude'>;
  /** Returns the reader of the newest pings from the API; null: there is none. */
  readonly pings: () => PingReader | null;
  readonly clock: Clock;
  readonly log: Log;
}

/** The detectors, and the pings for which they are silent. */
export interface SilentDetectors {
  /** Notes a ping. */
  received(event: Event): void;
  /** Derives the events that are due. `subscribedMs`: time for which the source is connected. */
  look(subscribedMs: number): void;
  /** Notes the stored pings. */
  read(): Promise<void>;
  stop(): Promise<void>;
}

/** A detector that is silent since a ping, and the event of it. */
interface Silence {
  readonly subject: string;
  readonly lastPing: unknown;
  readonly derived: Derived;
}

export function createSilentDetectors({
  db,
  catalogue,
  router,
  pipeline,
  pings,
  clock,
  log,
}: SilentDetectorsOptions): SilentDetectors {
  const model = catalogue.ofRole('detector')?.name;
  const detectors = new Map<string, Detector>();
  /** The last ping of a detector whose silence was reported, by subject. */
  const told = new Map<string, unknown>();
  /** Since when pings are requested, by the monotonic clock, ms; null: they are not. */
  let wantedAt: number | null = null;
  const stopping = new AbortController();
  let asking: Promise<void> | null = null;

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

  /** Returns the silences that are not told yet. */
  function silences(): readonly Silence[] {
    const now = clock.wall();
    return [...detectors.values()].flatMap(({ subject, ...rest }) => {
      const derived = silence({ subject, ...rest }, now);
      const lastPing = rest.row.last_ping;
      return derived === null || told.get(subject) === lastPing ? [] : [{ subject, lastPing, derived }];
    });
  }

  function tell({ subject, lastPing, derived }: Silence): void {
    told.set(subject, lastPing);
    pipeline.conclude(derived);
  }

  /** Asks the API for newer pings than those that were received, then derives the events. Without an answer these are all. */
  async function ask(reader: PingReader): Promise<void> {
    const { signal } = stopping;
    const fetched = await reader.read(signal);
    if (signal.aborted) return;
    if (fetched === null) log.debug({}, 'could not ask the API for the pings of silent detectors');
    for (const detector of detectors.values()) {
      const newer = fetched?.find(({ id }) => id === detector.rowId)?.row;
      if (newer === undefined || (timeOf(newer.last_ping) ?? 0) < (timeOf(detector.row.last_ping) ?? 0)) continue;
      detectors.set(detector.subject, { ...detector, row: { ...detector.row, ...newer } });
    }
    silences().forEach(tell);
  }

  return {
    received,
    look(subscribedMs) {
      const isWanted = model !== undefined && (router.names(model, 'silent') || router.names(model, 'back'));
      wantedAt = isWanted ? (wantedAt ?? clock.monotonic()) : null;
      const heardMs = wantedAt === null ? 0 : Math.min(subscribedMs, clock.monotonic() - wantedAt);
      if (heardMs <= silentAfterSeconds * 1_000) return;
      const found = silences();
      if (found.length === 0) return;
      const reader = pings();
      if (reader === null) found.forEach(tell);
      else asking ??= ask(reader).finally(() => (asking = null));
    },
    async read() {
      const newest = db
        .selectFrom('events')
        .select((s) => s.fn.max('id').as('id'))
        .where('received_at', '>', clock.now() - FORGOTTEN_MS)
        .where('role', '=', 'detector')
        .where('origin', '<>', 'derived')
        .groupBy('row_id');
      const newestPings = await db.selectFrom('events').selectAll().where('id', 'in', newest).execute();
      for (const row of newestPings) received(storedEvent(row));
    },
    async stop() {
      stopping.abort();
      await asking;
    },
  };
}
