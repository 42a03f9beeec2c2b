import { columnsOf, type ModelInfo } from '../../catalogue/catalogue.ts';
import type { MetasmokeApi } from './client.ts';
import type { ApiFailure } from './read-exchange.ts';

/** The queries with which REST returns all columns of a model's own table. */
export interface Filters {
  /** Returns an empty query if the API does not list its fields. */
  for(model: ModelInfo, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /**
   * Call this when a request with a filter failed. After a deployment the list of fields may have changed, and with it
   * the meaning of each bit of the filter, on which the API fails; then the list is fetched again.
   */
  failed(failure: ApiFailure): void;
  /** Why the API did not list its fields the last time; null: it did. */
  readonly problem: ApiFailure | null;
}

/** Statuses with which an API answers an outdated filter: an internal error, a refusal, or an unusable answer. */
const filterFailures: ReadonlySet<number | null> = new Set([500, 400, 200]);

/**
 * Creates the filters; the list of fields is fetched once. `onFewerFields` is called once if the API does not list its
 * fields.
 */
export function createFilters(api: MetasmokeApi, onFewerFields: (reason: string) => void): Filters {
  let names: Promise<readonly string[] | null> | null = null;
  let isTold = false;
  let problem: ApiFailure | null = null;

  async function readNames(signal: AbortSignal): Promise<readonly string[] | null> {
    const answer = await api.fieldNames(signal);
    problem = answer.outcome === 'failed' ? answer : null;
    if (answer.outcome === 'ok') return answer.body;
    if (!signal.aborted && !isTold) {
      isTold = true;
      onFewerFields(answer.reason);
    }
    return null;
  }

  return {
    async for(model, signal) {
      names ??= readNames(signal);
      const order = await names;
      if (order === null) {
        // A later request may succeed.
        names = null;
        return {};
      }
      isTold = false;
      const id = `${model.name}.id`;
      const wanted = new Set([id, ...columnsOf(model).map((column) => `${model.name}.${column}`)]);
      const filter = order.includes(id) ? encodeFilter(order, wanted) : null;
      return filter === null ? {} : { filter };
    },
    get problem() {
      return problem;
    },
    failed({ status }) {
      if (filterFailures.has(status)) names = null;
    },
  };
}

/**
 * Returns metasmoke's `filter` parameter: one bit for each field of the API, in the order of `GET /api/filter_fields`,
 * the first most significant; the number in decimal, each digit as a letter (0 → F, 9 → O). Measured against its own
 * code. Null if no field is requested: on an empty filter the API fails.
 */
export function encodeFilter(order: readonly string[], wanted: ReadonlySet<string>): string | null {
  let number = 0n;
  for (const field of order) number = (number << 1n) | (wanted.has(field) ? 1n : 0n);
  if (number === 0n) return null;
  return number.toString().replaceAll(/\d/g, (digit) => String.fromCharCode('F'.charCodeAt(0) + Number(digit)));
}
