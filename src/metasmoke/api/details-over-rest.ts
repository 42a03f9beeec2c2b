import type { Catalogue, ModelInfo } from '../../catalogue/catalogue.ts';
import type { AskedPost, FetchedPost, FetchedSite } from '../../catalogue/fetched-post.ts';
import { idText } from '../../catalogue/subject.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../../text/json.ts';
import type { ApiFailure, MetasmokeApi } from './client.ts';
import type { Filters } from './filter-for.ts';
import { numberOf } from './graphql-row.ts';
import { readReasons } from './read-reasons.ts';
import { readSite } from './read-site.ts';

/** Page size: the API returns at most 100 rows at once. */
const pageSize = '100';
/** Page limit, larger than any list requested here: Stack Exchange has some 400 sites. */
const mostPages = 20;

/** A requested part of a post: its path in REST, and the model of its rows; null: no model. */
interface Part {
  readonly path: string;
  readonly model: ModelInfo | null;
  readonly isWanted: boolean;
}

/** `all`: there were no more rows. */
type Listed = { readonly outcome: 'all' | 'more'; readonly rows: readonly JsonObject[] } | ApiFailure;

/**
 * Creates a function that fetches posts over REST: one request for all of them, then one for each requested part of
 * each.
 */
export function createDetailsOverRest(api: MetasmokeApi, catalogue: Catalogue, filters: Filters) {
  async function list(path: string, model: ModelInfo | null, signal: AbortSignal): Promise<Listed> {
    const filter = model === null ? {} : await filters.for(model, signal);
    const rows: JsonObject[] = [];
    for (let page = 1; page <= mostPages; page++) {
      const query = { ...filter, page: String(page), per_page: pageSize };
      const answer = await api.list(path, query, signal);
      if (answer.outcome !== 'ok') {
        if ('filter' in filter) filters.failed(answer);
        return answer;
      }
      rows.push(...answer.body.items);
      if (!answer.body.hasMore) return { outcome: 'all', rows };
    }
    return { outcome: 'more', rows };
  }

  /** Lists the rows of one part of a post. Rows of another post are an invalid answer. */
  async function listOn(postId: string, { path, model }: Part, signal: AbortSignal): Promise<Listed> {
    const listed = await list(path, model, signal);
    if (listed.outcome === 'failed' || model === null) return listed;
    const isOfIt = listed.rows.every(({ post_id: id }) => String(id) === postId);
    return isOfIt ? listed : { outcome: 'failed', reason: `${path} has rows of other posts`, status: 200 };
  }

  const model = (name: string) => catalogue.model(name) ?? null;

  /** Returns the posts that the API knows. */
  async function posts(asked: readonly AskedPost[], signal: AbortSignal): Promise<Listed> {
    return list(`posts/${asked.map(({ id }) => id).join(',')}`, model('posts'), signal);
  }

  /** Fetches the requested parts of a post, or returns the reason why the API no longer answers at all. */
  async function hanging(row: JsonObject, asked: AskedPost, signal: AbortSignal): Promise<FetchedPost | string> {
    const { id, wants } = asked;
    // The API answers with lists of rows, or with one object of another format, always under `items`.
    const parts: readonly Part[] = [
      { path: `posts/${id}/reasons`, model: null, isWanted: wants.has('reasons') },
      { path: `posts/${id}/flags`, model: null, isWanted: wants.has('flags') },
      { path: `feedbacks/post/${id}`, model: model('feedbacks'), isWanted: wants.has('feedbacks') },
      // The post's own row says if it is deleted, if the API returns all columns.
      {
        path: `deletions/post/${id}`,
        model: model('deletion_logs'),
        isWanted: wants.has('feedbacks') && !('deleted_at' in row),
      },
    ];
    const found: (readonly JsonObject[] | null)[] = [];
    let isWhole = true;
    for (const part of parts) {
      const listed = part.isWanted ? await listOn(id, part, signal) : null;
      if (listed?.outcome === 'failed' && listed.status === null) return listed.reason;
      if (listed?.outcome === 'failed') isWhole = false;
      // If the list is not complete, rows missing from it may still exist.
      found.push(listed?.outcome === 'all' ? listed.rows : null);
    }
    const [reasons = null, flags = null, feedbacks = null, deletionLogs = null] = found;
    const weighed = readReasons(reasons);
    const flagged = objectOf(flags?.[0]?.autoflagged);
    const makesSense =
      (reasons === null || weighed !== null) && (flags === null || typeof flagged.flagged === 'boolean');
    return {
      id,
      row: { ...row, ...(flagged.flagged === true && { autoflagged: true }) },
      siteId: numberOf(row.site_id),
      reasons: weighed,
      feedbacks,
      // REST has no list of flag logs, only if a post was autoflagged, and by whom.
      flagLogs: null,
      deletionLogs,
      flaggers: {
        by: 'user',
        names: new Map(
          [...listOf(flagged.users), ...listOf(objectOf(flags?.[0]?.manual_flags).users)].flatMap((item) => {
            const user = objectOf(item);
            const [userId, name] = [idText(user.id as never), textOf(user.username)];
            return userId === null || name === null ? [] : [[userId, name] as const];
          }),
        ),
      },
      isWhole: isWhole && makesSense,
    };
  }

  return {
    posts,
    hanging,
    /** Fetches all sites; returns null if that failed. */
    async sites(signal: AbortSignal): Promise<readonly FetchedSite[] | null> {
      const listed = await list('sites', model('sites'), signal);
      return listed.outcome === 'failed' ? null : listed.rows.flatMap((row) => readSite(row) ?? []);
    },
  };
}
