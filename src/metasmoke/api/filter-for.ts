import type { ModelInfo } from '../catalogue.ts';
import type { MetasmokeApi } from './client.ts';
import { encodeFilter } from './filter.ts';

/** The query by which REST gives all columns of a model's own table that it has; empty where it does not say which those are. */
export type FilterFor = (model: ModelInfo, signal: AbortSignal) => Promise<Readonly<Record<string, string>>>;

/** The list of fields is fetched once. `onFewerFields` is told once, where the API does not say which fields it has. */
export function createFilterFor(api: MetasmokeApi, onFewerFields: (reason: string) => void): FilterFor {
  let fields: Promise<readonly string[] | null> | null = null;
  let isTold = false;

  async function readFields(signal: AbortSignal): Promise<readonly string[] | null> {
    const answer = await api.get('filter_fields', {}, signal);
    if (answer.outcome === 'ok') return Object.keys(answer.body);
    if (!signal.aborted && !isTold) {
      isTold = true;
      onFewerFields(answer.reason);
    }
    return null;
  }

  return async (model, signal) => {
    fields ??= readFields(signal);
    const order = await fields;
    if (order === null) {
      // It may say so the next time.
      fields = null;
      return {};
    }
    isTold = false;
    const wanted = new Set(['id', ...Object.keys(model.fields)].map((field) => `${model.name}.${field}`));
    const filter = encodeFilter(order, wanted);
    return filter === null ? {} : { filter };
  };
}
