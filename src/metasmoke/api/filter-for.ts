import type { ModelInfo } from '../catalogue.ts';
import type { ApiFailure, MetasmokeApi } from './client.ts';

/** The queries by which REST gives all columns of a model's own table that it has. */
export interface Filters {
  /** Empty where the API does not say which columns those are. */
  for(model: ModelInfo, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /**
   * A request with a filter failed. After a deployment the list of fields may be another one, and each bit of the filter mean
   * another field, which is an error of the API's: then it is fetched anew.
   */
  failed(failure: ApiFailure): void;
}

/** Statuses of an API that reads a filter otherwise than it was meant: its own error, a refusal, an answer that makes no sense. */
const filterFailures: ReadonlySet<number | null> = new Set([500, 400, 200]);

/** The list of fields is fetched once. `onFewerFields` is told once, where the API does not say which fields it has. */
export function createFilters(api: MetasmokeApi, onFewerFields: (reason: string) => void): Filters {
  let names: Promise<readonly string[] | null> | null = null;
  let isTold = false;

  async function readNames(signal: AbortSignal): Promise<readonly string[] | null> {
    const answer = await api.fieldNames(signal);
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
        // It may say so the next time.
        names = null;
        return {};
      }
      isTold = false;
      const id = `${model.name}.id`;
      const wanted = new Set([id, ...Object.keys(model.fields).map((field) => `${model.name}.${field}`)]);
      const filter = order.includes(id) ? encodeFilter(order, wanted) : null;
      return filter === null ? {} : { filter };
    },
    failed({ status }) {
      if (filterFailures.has(status)) names = null;
    },
  };
}

/**
 * metasmoke's `filter` parameter: one bit for each field that the API can give, in the order of `GET /api/filter_fields`, the
 * first most significant; the number in decimal, each digit as a letter (0 → F, 9 → O). Measured against its own code.
 * Null where nothing would be asked for: an empty filter makes the API fail.
 */
export function encodeFilter(order: readonly string[], wanted: ReadonlySet<string>): string | null {
  let number = 0n;
  for (const field of order) number = (number << 1n) | (wanted.has(field) ? 1n : 0n);
  if (number === 0n) return null;
  return number.toString().replaceAll(/\d/g, (digit) => String.fromCharCode('F'.charCodeAt(0) + Number(digit)));
}
