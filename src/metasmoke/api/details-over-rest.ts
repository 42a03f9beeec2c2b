import { type JsonObject, listOf, objectOf, textOf } from '../../text/json.ts';
import type { Catalogue, ModelInfo } from '../catalogue.ts';
import { idText } from '../subject.ts';
import type { ApiFailure, MetasmokeApi } from './client.ts';
import type { AskedPost, FetchedPost, FetchedSite } from './fetched-post.ts';
import type { Filters } from './filter-for.ts';
import { numberOf } from './graphql-row.ts';
import { readReasons } from './read-reasons.ts';
import { readSite } from './read-site.ts';

/** The API gives 100 rows at once at most. */
const pageSize = '100';
/** More pages than any list has that is asked for here: Stack Exchange has some 400 sites. */
const mostPages = 20;

/** A part of a post that may be wanted, where REST has it, and the model of its rows; null: no model. */
interface Part {
  readonly path: string;
  readonly model: ModelInfo | null;
  readonly isWanted: boolean;
}

/** `all`: there were no more rows. */
type Listed = { readonly outcome: 'all' | 'more'; readonly rows: readonly JsonObject[] } | ApiFailure;

/** Asks REST for posts: one request for all of them, then for each what is wanted of it. */
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

  /** Lists what hangs on a post; rows of another post make no sense. */
  async function listOn(postId: string, { path, model }: Part, signal: AbortSignal): Promise<Listed> {
    const listed = await list(path, model, signal);
    if (listed.outcome === 'failed' || model === null) return listed;
    const isOfIt = listed.rows.every(({ post_id: id }) => String(id) === postId);
    return isOfIt ? listed : { outcome: 'failed', reason: `${path} has rows of other posts`, status: 200 };
  }

  const model = (name: string) => catalogue.model(name) ?? null;

  /** The posts that the API knows. */
  async function posts(asked: readonly AskedPost[], signal: AbortSignal): Promise<Listed> {
    return list(`posts/${asked.map(({ id }) => id).join(',')}`, model('posts'), signal);
  }

  /** What hangs on a post; a text is why the API says nothing at all any more. */
  async function hanging(row: JsonObject, asked: AskedPost, signal: AbortSignal): Promise<FetchedPost | string> {
    const { id, wants } = asked;
    // The API has lists of rows, or one answer of another shape, always under `items`.
    const parts: readonly Part[] = [
      { path: `posts/${id}/reasons`, model: null, isWanted: wants.has('reasons') },
      { path: `posts/${id}/flags`, model: null, isWanted: wants.has('flags') },
      { path: `feedbacks/post/${id}`, model: model('feedbacks'), isWanted: wants.has('feedbacks') },
      // That it is deleted stands in its own row, where the API gives all columns.
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
      // Rows that are not listed may stand all the same: then the list is not complete.
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
      // REST has no list of them: whether it was autoflagged, and by whom.
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
    /** All sites; null where they could not be had. */
    async sites(signal: AbortSignal): Promise<readonly FetchedSite[] | null> {
      const listed = await list('sites', model('sites'), signal);
      return listed.outcome === 'failed' ? null : listed.rows.flatMap((row) => readSite(row) ?? []);
    },
  };
}
