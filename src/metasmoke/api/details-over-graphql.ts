import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { AskedPost, FetchedPost, FetchedPosts } from '../../catalogue/fetched-post.ts';
import { idText } from '../../catalogue/subject.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../../text/json.ts';
import { isTrustedUrl } from '../links.ts';
import type { MetasmokeApi } from './client.ts';
import { nativeRow, numberOf } from './graphql-row.ts';
import { rowsIn } from './read-answer.ts';
import { readReasons } from './read-reasons.ts';
import { readSite } from './read-site.ts';

/**
 * Largest number of posts in one query; fewer after the API refused a query as too costly. A query may cost 5,000: 200
 * in itself, one per field of each post, and 200 for the user of a flag log.
 */
const mostAtOnce = 15;
/** Fields of up to several megabytes. */
const longTexts: ReadonlySet<string> = new Set(['body', 'why', 'markdown', 'comment']);

/** GraphQL's names of the requested types. */
const types = ['Post', 'Feedback', 'FlagLog', 'User'] as const;
type Columns = Readonly<Record<(typeof types)[number], readonly string[]>>;

type Half = { readonly posts: readonly JsonObject[]; readonly problem: string | null };

/** Creates a function that fetches posts and their details over GraphQL in as few queries as it allows. */
export function createDetailsOverGraphql(api: MetasmokeApi, catalogue: Catalogue) {
  let columns: Promise<Columns | string> | null = null;
  let atOnce = mostAtOnce;

  /** Returns the columns that GraphQL knows, so that no unknown one is requested, or the reason why they are unknown. */
  async function readColumns(signal: AbortSignal): Promise<Columns | string> {
    const asked = types.map((type) => `${type}: __type(name: "${type}") { fields { name } }`).join(' ');
    const answer = await api.graphql(`{ ${asked} }`, signal);
    if (answer.outcome !== 'ok') return answer.reason;
    const found = types.map((type) => {
      const fields = listOf(objectOf(answer.body[type]).fields).map((field) => objectOf(field).name);
      const model = catalogue.byClass(type);
      const columns = Object.entries(model?.fields ?? {}).filter(([, kind]) => kind !== 'list');
      const wanted = columns.map(([column]) => column);
      return [type, wanted.filter((column) => fields.includes(column))] as const;
    });
    const known = Object.fromEntries(found) as unknown as Columns;
    const lacking = (['Post', 'Feedback', 'FlagLog'] as const).find((type) => !known[type].includes('id'));
    return lacking === undefined ? known : `GraphQL does not list the fields of a ${lacking}`;
  }

  function queryOf(posts: readonly AskedPost[], { Post, Feedback, FlagLog, User }: Columns): string {
    const withTexts = posts.some(({ texts }) => texts === 'with');
    const own = Post.filter((column) => withTexts || !longTexts.has(column));
    const user = User.includes('username') ? 'user { username }' : '';
    const parts = [
      ...own,
      'site { id site_name site_domain site_logo }',
      'reasons { id reason_name weight }',
      `feedbacks { ${Feedback.join(' ')} }`,
      `flag_logs { ${FlagLog.filter((column) => !longTexts.has(column)).join(' ')} ${user} }`,
    ];
    const links = posts.flatMap(({ link }) => link ?? []);
    const which =
      links.length === posts.length
        ? `urls: ${JSON.stringify(links)}`
        : `ids: ${JSON.stringify(posts.map(({ id }) => id))}`;
    return `{ posts(${which}) { ${parts.join(' ')} } }`;
  }

  async function ask(posts: readonly AskedPost[], known: Columns, signal: AbortSignal): Promise<Half> {
    if (posts.length > atOnce) return askInParts(posts, atOnce, known, signal);
    const answer = await api.graphql(queryOf(posts, known), signal);
    switch (answer.outcome) {
      case 'ok': {
        const found = rowsIn(answer.body.posts);
        return found === null
          ? { posts: [], problem: 'GraphQL answered without a list of posts' }
          : { posts: found, problem: null };
      }
      case 'errors':
        // The query may be too costly.
        if (posts.length === 1) return { posts: [], problem: answer.reason };
        atOnce = Math.ceil(posts.length / 2);
        return askInParts(posts, atOnce, known, signal);
      case 'failed':
        // A query by ids fails as a whole, with an HTML page, if one of them is unknown.
        if (answer.status !== 404 || posts.every(({ link }) => link !== null))
          return { posts: [], problem: answer.reason };
        return posts.length === 1 ? { posts: [], problem: null } : askInParts(posts, 1, known, signal);
      default:
        return answer satisfies never;
    }
  }

  async function askInParts(
    posts: readonly AskedPost[],
    size: number,
    known: Columns,
    signal: AbortSignal,
  ): Promise<Half> {
    const found: JsonObject[] = [];
    for (let at = 0; at < posts.length; at += size) {
      const part = await ask(posts.slice(at, at + size), known, signal);
      found.push(...part.posts);
      if (part.problem !== null) return { posts: found, problem: part.problem };
    }
    return { posts: found, problem: null };
  }

  return async (asked: readonly AskedPost[], signal: AbortSignal): Promise<FetchedPosts> => {
    columns ??= readColumns(signal);
    const known = await columns;
    if (typeof known === 'string') {
      columns = null;
      return { posts: [], sites: [], problem: known };
    }
    const posts = asked.map((post) => (post.link === null || isTrustedUrl(post.link) ? post : { ...post, link: null }));
    const groups = [posts.filter(({ link }) => link !== null), posts.filter(({ link }) => link === null)];
    const found: JsonObject[] = [];
    let problem: string | null = null;
    for (const group of groups) {
      if (group.length === 0 || problem !== null) continue;
      const part = await ask(group, known, signal);
      found.push(...part.posts);
      problem = part.problem;
    }
    const ids = new Set(asked.map(({ id }) => id));
    // Another report may have the same link.
    const wanted = found.filter(({ id }) => ids.has(idText(id as never) ?? ''));
    return {
      posts: wanted.map((post) => readPost(post, known)),
      sites: wanted.flatMap(({ site }) => readSite(objectOf(site)) ?? []),
      problem,
    };
  };
}

function readPost({ site, reasons, feedbacks, flag_logs: flagLogs, ...rest }: JsonObject, known: Columns): FetchedPost {
  const id = idText(rest.id as never) ?? '';
  const siteId = numberOf(objectOf(site).id);
  const columnsOf = (row: JsonObject, columns: readonly string[]) =>
    nativeRow(Object.fromEntries(columns.flatMap((column) => (column in row ? [[column, row[column]]] : []))));
  const rowsOf = (list: unknown, columns: readonly string[]) =>
    rowsIn(list)?.map((row) => ({ ...columnsOf(row, columns), post_id: numberOf(id) })) ?? null;
  const hanging = {
    reasons: readReasons(reasons),
    feedbacks: rowsOf(feedbacks, known.Feedback),
    flagLogs: rowsOf(flagLogs, known.FlagLog),
  };
  return {
    id,
    row: { ...columnsOf(rest, known.Post), ...(siteId !== null && { site_id: siteId }) },
    siteId,
    ...hanging,
    // GraphQL does not have them. The post's own row says if it is deleted.
    deletionLogs: null,
    flaggers: {
      by: 'flag log',
      names: new Map(
        listOf(flagLogs).flatMap((item) => {
          const flag = objectOf(item);
          const [flagId, name] = [idText(flag.id as never), textOf(objectOf(flag.user).username)];
          return flagId === null || name === null ? [] : [[flagId, name] as const];
        }),
      ),
    },
    // True if every requested part is there.
    isWhole: Object.values(hanging).every((list) => list !== null),
  };
}
