import { type Clock, sleep } from '../clock.ts';
import { type JsonObject, timeOf } from '../http/json.ts';
import type { Log } from '../log.ts';
import { type Age, fetchable, type ListRows } from '../metasmoke/api/list-rows.ts';
import type { Catalogue, ModelInfo } from '../metasmoke/catalogue.ts';
import type { SentSpec } from '../router/event-spec.ts';
import { logFailure } from '../store/log-failure.ts';
import { troubleOf } from '../store/trouble.ts';
import type { Fetched } from './gaps.ts';

export interface BackfillOptions {
  readonly listRows: ListRows;
  readonly catalogue: Catalogue;
  /** What is wanted now. */
  readonly wanted: () => SentSpec;
  /** The highest id of a model that reached us before an instant (Unix milliseconds); null: none did. */
  readonly newestBefore: (model: string, before: number) => Promise<number | null>;
  /**
   * Takes messages, shaped as the source's own; what is known already is dropped. `missedSince` (Unix milliseconds): these
   * are all of a long gap. Resolves when all that was taken is committed, with how many of them were news.
   */
  readonly receive: (messages: readonly unknown[], missedSince: number | null) => Promise<number>;
  /** By how much our wall clock is ahead of the one that rows are dated by, in milliseconds. */
  readonly aheadMs: () => number;
  /** Told how a gap was fetched. */
  readonly onFetched: (fetched: Fetched) => Promise<void>;
  /** A longer gap is told of as a whole, in milliseconds. */
  readonly digestAfterMs: number;
  /** Nothing older than this is fetched, in milliseconds. */
  readonly maxAgeMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Fetches what was missed, one gap after the other. */
export interface Backfill {
  /** Something may have been missed since `from` (Unix milliseconds). */
  recover(from: number): void;
  /** Whether a gap is being fetched. */
  readonly running: boolean;
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

/** Ids become visible out of order, and a row some seconds after its event: so much is read again, in milliseconds. */
const overlapMs = 5 * 60_000;
/** When rows that the API did not know yet are asked for again, in milliseconds after the gap was fetched. */
const againAfterMs = [15_000, 60_000];
/** Rows come later than their event by less than this, in milliseconds. */
const lateMs = 10 * 60_000;

/** How long the store is left alone that refused something, in milliseconds. */
const storeRestMs = 30_000;

/** Posts first, since the others are about them. */
const order = ['posts', 'feedbacks', 'deletion_logs', 'flag_logs', 'post_comments'];

export function createBackfill(options: BackfillOptions): Backfill {
  const { clock, log } = options;
  const ended = new AbortController();
  const { signal } = ended;
  let missing: number | null = null;
  let working: Promise<void> | null = null;
  /** Ends the wait before rows are asked for again. */
  let waiting = new AbortController();

  async function work(): Promise<void> {
    while (missing !== null && !signal.aborted) {
      const from = missing;
      missing = null;
      try {
        await fetchSince(from, true);
      } catch (err) {
        if (troubleOf(err) === null) throw err;
        logFailure(log, err, {}, 'what was missed could not be fetched; next try in 30 s');
        missing = Math.min(missing ?? from, from);
        await sleep(clock, storeRestMs, signal);
        continue;
      }
      for (const afterMs of againAfterMs) {
        waiting = new AbortController();
        await sleep(clock, afterMs, AbortSignal.any([signal, waiting.signal]));
        if (missing !== null) {
          // The next gap is fetched at once, with what may be late of this one.
          missing = Math.min(missing, Math.max(from, clock.now() - lateMs));
          break;
        }
        if (!signal.aborted) await fetchSince(from, false);
      }
    }
    working = null;
  }

  async function fetchSince(from: number, isFirst: boolean): Promise<void> {
    const began = clock.now();
    const oldest = began - options.maxAgeMs;
    if (isFirst && from < oldest)
      log.warn(
        { from: new Date(from).toISOString() },
        `what happened before ${new Date(oldest).toISOString()} is not fetched (source.backfill.max_age): it is lost`,
      );
    const since = Math.max(from, oldest) - overlapMs;
    const problems: string[] = [];
    const found: { readonly model: ModelInfo; readonly row: JsonObject }[] = [];
    for (const model of models()) {
      const known = await options.newestBefore(model.name, since);
      const listed = await options.listRows(model, (row) => ageOf(row, since - options.aheadMs(), known), signal);
      if (signal.aborted) return;
      const { rows } = listed;
      const problem = listed.outcome === 'all' ? null : listed.reason;
      if (problem !== null) problems.push(`${model.name}: ${problem}`);
      if (problem !== null && isFirst)
        log.warn(
          { model: model.name, reason: problem },
          `${model.name} since ${new Date(from).toISOString()} could not all be fetched: ${problem}`,
        );
      found.push(...rows.map((row) => ({ model, row })));
    }
    found.sort(
      (a, b) => createdAt(a.row) - createdAt(b.row) || rank(a.model) - rank(b.model) || idOf(a.row) - idOf(b.row),
    );
    const news = await options.receive(
      found.map(({ model, row }) => ({ event_type: 'create', event_class: model.class, object: row })),
      // What comes later by itself is not worth another digest.
      isFirst && clock.now() - from > options.digestAfterMs ? from : null,
    );
    if (isFirst) {
      const problem = problems.length === 0 ? null : problems.join('; ');
      await options.onFetched({ from, began, rows: found.length, news, problem });
      log.info({ rows: found.length }, `fetched what the API has since ${new Date(from).toISOString()}`);
    }
  }

  /** Those that are wanted and that the API can list. */
  function models(): readonly ModelInfo[] {
    const wanted = [...options.wanted()].filter(([name, types]) => fetchable.has(name) && types.has('create'));
    return wanted.flatMap(([name]) => options.catalogue.model(name) ?? []).toSorted((a, b) => rank(a) - rank(b));
  }

  return {
    recover(from) {
      if (signal.aborted) return;
      missing = Math.min(missing ?? from, from);
      waiting.abort();
      working ??= work().catch((err: unknown) => {
        log.error({ err }, 'what was missed could not be fetched');
        working = null;
      });
    },
    get running() {
      return working !== null;
    },
    async stop() {
      ended.abort();
      await working;
    },
  };
}

const rank = ({ name }: ModelInfo) => order.indexOf(name);
const idOf = (row: JsonObject) => Number(row.id) || 0;

/** Unix milliseconds; 0 where the row does not say. */
const createdAt = (row: JsonObject) => timeOf(row.created_at) ?? 0;

/**
 * Whether a row was there before what may have been missed (from `since` on, Unix milliseconds): by its time, or, where it has none,
 * by its id. `known`: the highest that is known; null: none is.
 */
function ageOf(row: JsonObject, since: number, known: number | null): Age {
  const at = timeOf(row.created_at);
  if (at !== null) return at < since ? 'old' : 'new';
  // No time at all, though a row has one: it makes no sense.
  if (row.created_at != null || known === null) return 'unclear';
  return idOf(row) <= known ? 'old' : 'new';
}
