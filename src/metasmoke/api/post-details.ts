import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { AskedPost, FetchedPosts } from '../../catalogue/fetched-post.ts';
import type { FetchDetails } from '../../catalogue/source-api.ts';
import { idText } from '../../catalogue/subject.ts';
import type { Clock } from '../../time/clock.ts';
import type { MetasmokeApi } from './client.ts';
import { DetailsOverGraphql, type OverGraphql } from './details-over-graphql.ts';
import { DetailsOverRest } from './details-over-rest.ts';
import { createFilters } from './filter-for.ts';
import { isRefusal } from './read-exchange.ts';

/** Delay before GraphQL and the list of fields are tried again after a refusal, ms. */
const CLOSED_MS = 10 * 60_000;
/** Delay before GraphQL is tried again after it gave no answer, but REST did, ms. */
const AWAY_MS = 60_000;
/** Interval between two readings of all sites over REST, ms. */
const SITES_MS = 24 * 3_600_000;

export interface PostDetailsOptions {
  readonly api: MetasmokeApi;
  readonly catalogue: Catalogue;
  /** Returns true if the site is unknown or its details are older than a day. */
  readonly needsSite: (id: number) => Promise<boolean>;
  /** Called each time that the API starts to return less than it could, or only slowly, with the reason. */
  readonly onLess: (what: 'graphql' | 'fields', reason: string) => void;
  readonly clock: Clock;
}

/** Creates the function. It uses GraphQL, one query for posts with their details, and REST while GraphQL refuses. */
export function createFetchDetails({ api, catalogue, needsSite, onLess, clock }: PostDetailsOptions): FetchDetails {
  const overGraphql = new DetailsOverGraphql(api, catalogue);
  /** The reason why the API does not list its fields; reported once REST answers otherwise. */
  let fewerFields: string | null = null;
  let fewUntil = Number.NEGATIVE_INFINITY;
  const filters = createFilters(api, (reason) => (fewerFields = reason));
  const rest = new DetailsOverRest(api, catalogue, {
    async for(model, ended) {
      if (clock.monotonic() < fewUntil) return {};
      const filter = await filters.for(model, ended);
      if (Object.keys(filter).length > 0) fewerFields = null;
      else if (filters.problem === null || isRefusal(filters.problem)) fewUntil = clock.monotonic() + CLOSED_MS;
      return filter;
    },
    failed: filters.failed,
  });
  let closedUntil = Number.NEGATIVE_INFINITY;
  let sitesAt = Number.NEGATIVE_INFINITY;
  let isToldClosed = false;

  /**
   * Notes why GraphQL could not be used, once REST answers: if neither answers, the API is down and GraphQL is not
   * closed. Nor is it if it only gave no answer in time.
   */
  function restAnswers(problem: OverGraphql['problem']): void {
    if (problem !== null) closedUntil = clock.monotonic() + (problem.isRefusal ? CLOSED_MS : AWAY_MS);
    if (problem?.isRefusal === true) {
      if (!isToldClosed) onLess('graphql', problem.reason);
      isToldClosed = true;
    }
    if (fewerFields !== null) onLess('fields', fewerFields);
    fewerFields = null;
  }

  async function overRest(
    asked: readonly AskedPost[],
    { why, signal }: { readonly why: OverGraphql['problem']; readonly signal: AbortSignal },
    onFetched: (fetched: FetchedPosts) => Promise<void>,
  ): Promise<string | null> {
    const listed = await rest.posts(asked, signal);
    if (listed.outcome === 'failed') {
      fewUntil = Number.NEGATIVE_INFINITY;
      return listed.reason;
    }
    const { problem } = filters;
    // Without its fields the rows say too little, and they may be known with the next request.
    if (problem !== null && !isRefusal(problem)) return problem.reason;
    restAnswers(why);
    for (const post of asked) {
      const row = listed.rows.find(({ id }) => idText(id as never) === post.id);
      if (row === undefined) continue;
      const fetched = await rest.hanging(row, post, signal);
      if (typeof fetched === 'string') return fetched;
      await onFetched({ posts: [fetched], sites: await sitesFor(post, fetched.siteId, signal), problem: null });
    }
    return null;
  }

  async function sitesFor({ wants }: AskedPost, siteId: number | null, signal: AbortSignal) {
    if (!wants.has('site') || siteId === null || clock.monotonic() - sitesAt < SITES_MS) return [];
    if (!(await needsSite(siteId))) return [];
    const sites = await rest.sites(signal);
    if (sites !== null) sitesAt = clock.monotonic();
    return sites ?? [];
  }

  return async (asked, onFetched, signal) => {
    let left = asked;
    let why: OverGraphql['problem'] = null;
    if (clock.monotonic() >= closedUntil) {
      const { problem, ...fetched } = await overGraphql.fetch(asked, signal);
      await onFetched({ ...fetched, problem: problem?.reason ?? null });
      if (problem === null) {
        isToldClosed = false;
        return null;
      }
      const got = new Set(fetched.posts.map(({ id }) => id));
      left = asked.filter(({ id }) => !got.has(id));
      why = problem;
    }
    return signal.aborted ? 'stopped' : overRest(left, { why, signal }, onFetched);
  };
}
