import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { AskedPost, FetchedPosts } from '../../catalogue/fetched-post.ts';
import { idText } from '../../catalogue/subject.ts';
import { type JsonObject, objectOf } from '../../text/json.ts';
import { isTrustedUrl } from '../links.ts';
import type { GraphqlErrors, MetasmokeApi } from './client.ts';
import { type Columns, columnsQuery, postsQuery, readColumns, readPost } from './graphql-post.ts';
import { rowsIn } from './read-answer.ts';
import { type ApiFailure, isRefusal } from './read-exchange.ts';
import { readSite } from './read-site.ts';

/**
 * Largest number of posts in one query; fewer after the API refused a query as too costly. A query may cost 5,000: 200
 * in itself, one per field of each post, and 200 for the user of a flag log.
 */
const mostAtOnce = 15;

/** The reason why posts are missing in an answer. `isRefusal`: GraphQL refuses to answer, and will for a while. */
interface Problem {
  readonly reason: string;
  readonly isRefusal: boolean;
}

const refused = (reason: string): Problem => ({ reason, isRefusal: true });

/** Posts as GraphQL returned them, and the reason why others are missing; null: none are. */
type Part = { readonly posts: readonly JsonObject[]; readonly problem: Problem | null };

/** Posts and sites as GraphQL returned them, and the reason why others are missing; null: none are. */
export type OverGraphql = Omit<FetchedPosts, 'problem'> & { readonly problem: Problem | null };

/** Fetches posts and their details over GraphQL in as few queries as it allows. */
export class DetailsOverGraphql {
  readonly #api: MetasmokeApi;
  readonly #catalogue: Catalogue;
  #columns: Promise<Columns | Problem> | null = null;
  #atOnce = mostAtOnce;

  constructor(api: MetasmokeApi, catalogue: Catalogue) {
    this.#api = api;
    this.#catalogue = catalogue;
  }

  async fetch(asked: readonly AskedPost[], signal: AbortSignal): Promise<OverGraphql> {
    this.#columns ??= this.#readColumns(signal);
    const columns = await this.#columns;
    if ('reason' in columns) {
      this.#columns = null;
      return { posts: [], sites: [], problem: columns };
    }
    const posts = asked.map((post) => (post.link === null || isTrustedUrl(post.link) ? post : { ...post, link: null }));
    const groups = [posts.filter(({ link }) => link !== null), posts.filter(({ link }) => link === null)];
    const found = await this.#askEach(groups, columns, signal);
    const ids = new Set(asked.map(({ id }) => id));
    // Another report may have the same link.
    const wanted = found.posts.filter(({ id }) => ids.has(idText(id as never) ?? ''));
    return {
      posts: wanted.map((post) => readPost(post, columns)),
      sites: wanted.flatMap(({ site }) => readSite(objectOf(site)) ?? []),
      problem: found.problem,
    };
  }

  /** Returns the columns that GraphQL knows, so that no unknown one is requested, or the reason why they are unknown. */
  async #readColumns(signal: AbortSignal): Promise<Columns | Problem> {
    const answer = await this.#api.graphql(columnsQuery, signal);
    if (answer.outcome !== 'ok') return problemOf(answer);
    const columns = readColumns(answer.body, this.#catalogue);
    return typeof columns === 'string' ? refused(columns) : columns;
  }

  /** Asks for one group of posts after the other, until there is a problem. */
  async #askEach(groups: readonly (readonly AskedPost[])[], columns: Columns, signal: AbortSignal): Promise<Part> {
    const found: JsonObject[] = [];
    for (const group of groups) {
      if (group.length === 0) continue;
      const { posts, problem } = await this.#ask(group, columns, signal);
      found.push(...posts);
      if (problem !== null) return { posts: found, problem };
    }
    return { posts: found, problem: null };
  }

  async #ask(posts: readonly AskedPost[], columns: Columns, signal: AbortSignal): Promise<Part> {
    if (posts.length > this.#atOnce) return this.#askEach(inGroupsOf(this.#atOnce, posts), columns, signal);
    const answer = await this.#api.graphql(postsQuery(posts, columns), signal);
    switch (answer.outcome) {
      case 'ok': {
        const found = rowsIn(answer.body.posts);
        return found === null
          ? { posts: [], problem: refused('GraphQL answered without a list of posts') }
          : { posts: found, problem: null };
      }
      case 'errors':
        // The query may be too costly.
        if (posts.length === 1) return { posts: [], problem: problemOf(answer) };
        this.#atOnce = Math.ceil(posts.length / 2);
        return this.#askEach(inGroupsOf(this.#atOnce, posts), columns, signal);
      case 'failed':
        // A query by ids fails as a whole, with an HTML page, if one of them is unknown.
        if (answer.status !== 404 || posts.every(({ link }) => link !== null))
          return { posts: [], problem: problemOf(answer) };
        return posts.length === 1 ? { posts: [], problem: null } : this.#askEach(inGroupsOf(1, posts), columns, signal);
      default:
        return answer satisfies never;
    }
  }
}

function problemOf(answer: ApiFailure | GraphqlErrors): Problem {
  return { reason: answer.reason, isRefusal: answer.outcome === 'errors' || isRefusal(answer) };
}

function inGroupsOf<T>(size: number, all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}
