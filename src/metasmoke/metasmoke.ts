import type { SourceKind } from '../catalogue/source-kind.ts';
import { createMetasmokeApi } from './api/client.ts';
import { createFetchNames } from './api/fetch-names.ts';
import { createFetchSites } from './api/fetch-sites.ts';
import { createListRows } from './api/list-rows.ts';
import { createFetchDetails } from './api/post-details.ts';
import { createReadPings } from './api/read-pings.ts';
import { createCatalogue } from './catalogue.ts';
import { decode, salvage } from './decode.ts';
import { links } from './links.ts';
import { readUrl } from './read-url.ts';

/** metasmoke, and other servers of its API. */
export const metasmoke: SourceKind = {
  name: 'metasmoke',
  example: 'posts#create',
  priority: ['posts#autoflagged_false_positive', 'posts#undeleted', 'posts#create', 'feedbacks'],
  links,
  readUrl,
  createCatalogue,
  decode,
  salvage,
  messageOf: (type, model, object) => ({ event_type: type, event_class: model.class, object }),
  createRowReader({ onLess, ...access }) {
    const api = createMetasmokeApi(access);
    const listRows = createListRows(api, (reason) =>
      onLess(reason, `the API does not list its fields (${reason}); fetched rows will be incomplete`),
    );
    return {
      listRows,
      get aheadMs() {
        return api.aheadMs;
      },
      close: api.close,
    };
  },
  createPingReader({ catalogue, ...access }) {
    const api = createMetasmokeApi({ ...access, tries: 1 });
    return { read: createReadPings(api, catalogue), close: api.close };
  },
  createDetailsReader({ onLess, catalogue, needsSite, ...access }) {
    const api = createMetasmokeApi({ ...access, tries: 1 });
    const lines = {
      graphql: (reason: string) =>
        `metasmoke's GraphQL API refuses requests (${reason}); fetching details of posts over REST, which is slower`,
      fields: (reason: string) => `the API does not list its fields (${reason}); details of posts will be incomplete`,
    };
    const fetch = createFetchDetails({
      ...{ api, catalogue, needsSite, clock: access.clock },
      onLess: (what, reason) => onLess(reason, lines[what](reason)),
    });
    return { fetch, fetchNames: createFetchNames(api), fetchSites: createFetchSites(api, catalogue), close: api.close };
  },
};
