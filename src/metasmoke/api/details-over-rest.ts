import { type JsonObject, listOf, objectOf, textOf } from '../../http/json.ts';
import type { Catalogue, ModelInfo } from '../catalogue.ts';
import { idText } from '../subject.ts';
import type { ApiAnswer, MetasmokeApi } from './client.ts';
import type { AskedPost, FetchedPost, FetchedSite } from './fetched-post.ts';
import type { FilterFor } from './filter-for.ts';
import { numberOf } from './graphql-row.ts';
import { readReasons } from './read-reasons.ts';
import { readSite } from './read-site.ts';

/** The API gives 100 rows at once at most. */
const pageSize = '100';
/** More pages than any list has that is asked for here: Stack Exchange has some 400 sites. */
const mostPages = 20;

type Listed = { readonly rows: readonly JsonObject[] } | Extract<ApiAnswer, { outcome: 'failed' }>;

/** Asks REST for posts: one request for all of them, then for each what is wanted of it. */
export function createDetailsOverRest(api: MetasmokeApi, catalogue: Catalogue, filterFor: FilterFor) {
  async function list(path: string, model: ModelInfo | null, signal: AbortSignal): Promise<Listed> {
    const filter = model === null ? {} : await filterFor(model, signal);
    const rows: JsonObject[] = [];
    for (let page = 1; page <= mostPages; page++) {
      const query = { ...filter, page: String(page), per_page: pageSize };
      const answer = await api.get(`v2.0/${path}`, query, signal);
      if (answer.outcome !== 'ok') return answer;
      const items = listOf(answer.body.items).map(objectOf);
      rows.push(...items);
      if (answer.body.has_more !== true || items.length === 0) break;
    }
    return { rows };
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
    const parts: [path: string, model: ModelInfo | null, isWanted: boolean][] = [
      [`posts/${id}/reasons`, null, wants.has('reasons')],
      [`posts/${id}/flags`, null, wants.has('flags')],
      [`feedbacks/post/${id}`, model('feedbacks'), wants.has('feedbacks')],
      // That it is deleted stands in its own row, where the API gives all columns.
      [`deletions/post/${id}`, model('deletion_logs'), wants.has('feedbacks') && !('deleted_at' in row)],
    ];
    const found: (readonly JsonObject[] | null)[] = [];
    let isWhole = true;
    for (const [path, of, isWanted] of parts) {
      const listed = isWanted ? await list(path, of, signal) : { rows: null };
      if ('outcome' in listed && listed.status === null) return listed.reason;
      if ('outcome' in listed) isWhole = false;
      found.push('outcome' in listed ? null : listed.rows);
    }
    const [reasons = null, flags = null, feedbacks = null, deletionLogs = null] = found;
    const ofIt = (rows: readonly JsonObject[] | null) =>
      rows?.filter(({ post_id: postId }) => String(postId) === id) ?? null;
    const flagged = objectOf(flags?.[0]?.autoflagged);
    return {
      id,
      row: { ...row, ...(flagged.flagged === true && { autoflagged: true }) },
      siteId: numberOf(row.site_id),
      reasons: readReasons(reasons),
      feedbacks: ofIt(feedbacks),
      // REST has no list of them: whether it was autoflagged, and by whom.
      flagLogs: null,
      deletionLogs: ofIt(deletionLogs),
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
      isWhole,
    };
  }

  return {
    posts,
    hanging,
    /** All sites; null where they could not be had. */
    async sites(signal: AbortSignal): Promise<readonly FetchedSite[] | null> {
      const listed = await list('sites', model('sites'), signal);
      return 'outcome' in listed ? null : listed.rows.flatMap((row) => readSite(row) ?? []);
    },
  };
}
