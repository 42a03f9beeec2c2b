import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { DetailsReader } from '../../catalogue/source-api.ts';
import type { MetasmokeApi } from './client.ts';
import { DetailsOverRest } from './details-over-rest.ts';
import { createFilters } from './filter-for.ts';

/** Creates the function. REST lists the sites, some 400, a hundred at a time; without its list of fields, by fewer columns. */
export function createFetchSites(api: MetasmokeApi, catalogue: Catalogue): DetailsReader['fetchSites'] {
  const rest = new DetailsOverRest(
    api,
    catalogue,
    createFilters(api, () => {}),
  );
  return (signal) => rest.sites(signal);
}
