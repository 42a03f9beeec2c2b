import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { PingReader } from '../../catalogue/source-api.ts';
import { idText } from '../../catalogue/subject.ts';
import { timeOf } from '../../text/json.ts';
import type { MetasmokeApi } from './client.ts';
import { createFilters } from './filter-for.ts';

/** Number of detectors that are read, the newest rows first. There are some dozens, and few of them run. */
const most = 100;
/** The columns that tell if a detector is silent. */
const told = ['id', 'last_ping', 'is_standby'] as const;

/** Creates a function that reads the newest pings over REST, which lists detectors as `smokeys`. */
export function createReadPings(api: MetasmokeApi, catalogue: Catalogue): PingReader['read'] {
  const filters = createFilters(api, () => {});
  return async (signal) => {
    const model = catalogue.ofRole('detector');
    if (model === undefined) return null;
    const filter = await filters.for(model, signal);
    const answer = await api.list('smokeys', { ...filter, page: '1', per_page: String(most) }, signal);
    if (answer.outcome !== 'ok') {
      if ('filter' in filter) filters.failed(answer);
      return null;
    }
    return answer.body.items.flatMap((item) => {
      const id = idText(item.id as never);
      if (id === null || timeOf(item.last_ping) === null) return [];
      return [
        { id, row: Object.fromEntries(told.flatMap((name) => (name in item ? [[name, item[name] as never]] : []))) },
      ];
    });
  };
}
