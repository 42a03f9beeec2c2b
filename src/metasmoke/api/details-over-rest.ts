import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { AskedPost, FetchedPost, FetchedSite } from '../../catalogue/fetched-post.ts';
import type { JsonObject } from '../../text/json.ts';
import type { MetasmokeApi } from './client.ts';
import type { Filters } from './filter-for.ts';
import type { ApiFailure } from './read-exchange.ts';
import { readSite } from './read-site.ts';
import { type FoundParts, type Part, partsOf, readPost } from './rest-post.ts';

/** Page size: the API returns at most 100 rows at once. */
const pageSize = '100';
/** Page limit, larger than any list requested here: Stack Exchange has some 400 sites. */
const mostPages = 20;

/** `all`: there were no more rows. */
type Listed = { readonly outcome: 'all' | 'more'; readonly rows: readonly JsonObject[] } | ApiFailure;

/** Fetches posts over REST: one request for all of them, then one for each requested part of each. */
export class DetailsOverRest {
  readonly #api: MetasmokeApi;
  readonly #catalogue: Catalogue;
  readonly #filters: Pick<Filters, 'for' | 'failed'>;

  constructor(api: MetasmokeApi, catalogue: Catalogue, filters: Pick<Filters, 'for' | 'failed'>) {
    this.#api = api;
    this.#catalogue = catalogue;
    this.#filters = filters;
  }

  /** Returns the posts that the API knows. */
  posts(asked: readonly AskedPost[], signal: AbortSignal): Promise<Listed> {
    return this.#list(`posts/${asked.map(({ id }) => id).join(',')}`, 'posts', signal);
  }

  /** Fetches the requested parts of a post, or returns the reason why the API no longer answers at all. */
  async hanging(row: JsonObject, asked: AskedPost, signal: AbortSignal): Promise<FetchedPost | string> {
    const found: FoundParts = {};
    let isWhole = true;
    for (const part of partsOf(asked, row)) {
      const listed = await this.#listOn(asked.id, part, signal);
      if (listed.outcome === 'failed' && listed.status === null) return listed.reason;
      if (listed.outcome === 'failed') isWhole = false;
      // If the list is not complete, rows missing from it may still exist.
      if (listed.outcome === 'all') found[part.name] = listed.rows;
    }
    return readPost(asked.id, row, found, isWhole);
  }

  /** Fetches all sites; returns null if that failed. */
  async sites(signal: AbortSignal): Promise<readonly FetchedSite[] | null> {
    const listed = await this.#list('sites', 'sites', signal);
    return listed.outcome === 'failed' ? null : listed.rows.flatMap((row) => readSite(row) ?? []);
  }

  /** Lists the rows of one part of a post. Rows of another post are an invalid answer. */
  async #listOn(postId: string, { path, model }: Part, signal: AbortSignal): Promise<Listed> {
    const listed = await this.#list(path, model, signal);
    if (listed.outcome === 'failed' || model === null) return listed;
    const isOfIt = listed.rows.every(({ post_id: id }) => String(id) === postId);
    return isOfIt ? listed : { outcome: 'failed', reason: `${path} has rows of other posts`, status: 200 };
  }

  async #list(path: string, modelName: string | null, signal: AbortSignal): Promise<Listed> {
    const model = modelName === null ? null : (this.#catalogue.model(modelName) ?? null);
    const filter = model === null ? {} : await this.#filters.for(model, signal);
    const rows: JsonObject[] = [];
    for (let page = 1; page <= mostPages; page++) {
      const query = { ...filter, page: String(page), per_page: pageSize };
      const answer = await this.#api.list(path, query, signal);
      if (answer.outcome !== 'ok') {
        if ('filter' in filter) this.#filters.failed(answer);
        return answer;
      }
      rows.push(...answer.body.items);
      if (!answer.body.hasMore) return { outcome: 'all', rows };
    }
    return { outcome: 'more', rows };
  }
}
