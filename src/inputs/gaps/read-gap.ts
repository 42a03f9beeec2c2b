import type { Catalogue, ModelInfo } from '../../catalogue/catalogue.ts';
import type { SentSpec } from '../../catalogue/event-spec.ts';
import type { Age, ListRows } from '../../catalogue/source-api.ts';
import type { SourceKind } from '../../catalogue/source-kind.ts';
import { type JsonObject, timeOf } from '../../text/json.ts';
import type { Role } from '../../words.ts';

/** The rows of one reading of the API. */
export interface GapRows {
  /** Messages in the source's format, in order of time. */
  readonly messages: readonly unknown[];
  /** Number of rows of each model. */
  readonly rows: ReadonlyMap<string, number>;
  /** The models whose pages were not all read, and the reason; another attempt may succeed. */
  readonly failed: ReadonlyMap<string, string>;
  /** The models with more rows than are ever read. */
  readonly tooMany: ReadonlyMap<string, string>;
}

/** Time before a gap that is read again, ms: ids become visible out of order, and a row some seconds after its event. */
const overlapMs = 5 * 60_000;

/** Reports come first, because the others refer to them. */
const order: readonly (Role | null)[] = ['report', 'vote', 'deletion', 'flag', 'comment'];

export interface ReadGapOptions {
  readonly listRows: ListRows;
  readonly messageOf: SourceKind['messageOf'];
  /** Returns the highest id of a model received before an instant (Unix milliseconds); null: none was. */
  readonly newestBefore: (model: string, before: number) => Promise<number | null>;
  /** Returns when the source was first subscribed, Unix milliseconds; older rows are not news. Null: unknown. */
  readonly firstHeardAt: () => Promise<number | null>;
  /** Returns how far our wall clock is ahead of the server's, by which rows are dated, ms. */
  readonly aheadMs: () => number;
}

/**
 * Reads the rows of these models since an instant (Unix milliseconds), and those of some minutes before it, but
 * none from before the first subscription.
 */
export async function readGap(
  { listRows, messageOf, newestBefore, firstHeardAt, aheadMs }: ReadGapOptions,
  { models, from }: { readonly models: readonly ModelInfo[]; readonly from: number },
  signal: AbortSignal,
): Promise<GapRows> {
  const since = Math.max(from - overlapMs, (await firstHeardAt()) ?? 0);
  const found: Found[] = [];
  const rows = new Map<string, number>();
  const failed = new Map<string, string>();
  const tooMany = new Map<string, string>();
  for (const model of models) {
    const known = await newestBefore(model.name, since);
    const listed = await listRows(model, (row) => ageOf(model, row, { since: since - aheadMs(), known }), signal);
    if (signal.aborted) break;
    rows.set(model.name, listed.rows.length);
    found.push(...listed.rows.map((row) => ({ model, row })));
    if (listed.outcome === 'failed') failed.set(model.name, listed.reason);
    if (listed.outcome === 'tooMany') tooMany.set(model.name, listed.reason);
  }
  const messages = inOrder(found).map(({ model, row }) => messageOf('create', model, row));
  return { messages, rows, failed, tooMany };
}

/** Returns the requested models that the API can list, in the order of reading. */
export function readableModels(wanted: SentSpec, catalogue: Catalogue): readonly ModelInfo[] {
  const models = [...wanted].flatMap(([name, types]) => (types.has('create') ? (catalogue.model(name) ?? []) : []));
  return models.filter(({ isListed }) => isListed).toSorted((a, b) => rank(a) - rank(b));
}

const rank = ({ role }: ModelInfo) => order.indexOf(role);
const idOf = (row: JsonObject) => Number(row.id) || 0;

interface Found {
  readonly model: ModelInfo;
  readonly row: JsonObject;
}

/**
 * Sorts rows by the time they were made, but a report before everything about its post: a deletion may be dated before
 * it, and rows may have no time.
 */
function inOrder(found: readonly Found[]): readonly Found[] {
  const isReport = ({ model }: Found) => model.role === 'report';
  const madeAt = ({ row }: Found) => timeOf(row.created_at);
  const reportedAt = new Map(found.filter(isReport).map((one) => [String(one.row.id), madeAt(one) ?? 0]));
  const placed = found.map((one) => ({
    ...one,
    at: isReport(one)
      ? (madeAt(one) ?? 0)
      : Math.max(madeAt(one) ?? LAST, reportedAt.get(String(one.row.post_id)) ?? 0),
  }));
  return placed.sort((a, b) => a.at - b.at || rank(a.model) - rank(b.model) || idOf(a.row) - idOf(b.row));
}

/** Behind every row with a time. */
const LAST = Number.MAX_SAFE_INTEGER;

/**
 * Tells a row that existed before `since` (Unix milliseconds) from one that may have been missed: by its time or, if it
 * has none, by its id. `known`: the highest known id; null: none.
 */
function ageOf(
  model: ModelInfo,
  row: JsonObject,
  { since, known }: { readonly since: number; readonly known: number | null },
): Age {
  const at = insertedAt(model, row);
  if (at !== null) return at < since ? 'old' : 'new';
  // An unreadable time decides nothing.
  if (row.created_at != null || known === null) return 'unclear';
  return idOf(row) <= known ? 'old' : 'new';
}

/**
 * Returns when a row was inserted, Unix milliseconds. The one who reports a deletion may date it back (metasmoke's API
 * takes a `timestamp` for its `created_at`); its `updated_at` is the time of the report.
 */
function insertedAt({ role }: ModelInfo, row: JsonObject): number | null {
  const createdAt = timeOf(row.created_at);
  if (role !== 'deletion' || createdAt === null) return createdAt;
  return Math.max(createdAt, timeOf(row.updated_at) ?? createdAt);
}
