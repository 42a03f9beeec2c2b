import { type Catalogue, columnsOf } from '../../catalogue/catalogue.ts';
import type { AskedPost, FetchedPost } from '../../catalogue/fetched-post.ts';
import { idText } from '../../catalogue/subject.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../../text/json.ts';
import { nativeRow, numberOf } from './graphql-row.ts';
import { rowsIn } from './read-answer.ts';
import { readReasons } from './read-reasons.ts';

/** GraphQL's names of the requested types. */
const types = ['Post', 'Feedback', 'FlagLog', 'User'] as const;
/** The columns of each type that GraphQL knows, and the part of the query for the domains of a post; empty: it has none. */
export type Columns = Readonly<Record<(typeof types)[number], readonly string[]>> & { readonly domains: string };

/** Fields of up to several megabytes. */
const longTexts: ReadonlySet<string> = new Set(['body', 'why', 'markdown', 'comment']);

/** The query for the fields of each type. */
export const columnsQuery = `{ ${[...types, 'SpamDomain', 'DomainTag'].map((type) => `${type}: __type(name: "${type}") { fields { name } }`).join(' ')} }`;

/** Reads the answer to `columnsQuery`. Returns the reason if it lists no fields. */
export function readColumns(answer: JsonObject, catalogue: Catalogue): Columns | string {
  const fieldsOf = (type: string) => listOf(objectOf(answer[type]).fields).map((field) => objectOf(field).name);
  const found = types.map((type) => {
    const fields = fieldsOf(type);
    const model = catalogue.byClass(type);
    const columns = model === undefined ? [] : columnsOf(model).filter((column) => model.fields[column] !== 'list');
    return [type, columns.filter((column) => fields.includes(column))] as const;
  });
  const hasTags = fieldsOf('SpamDomain').includes('domain_tags') && fieldsOf('DomainTag').includes('name');
  const hasDomains = fieldsOf('Post').includes('spam_domains') && fieldsOf('SpamDomain').includes('domain');
  const domains = hasDomains ? `spam_domains { domain ${hasTags ? 'domain_tags { name }' : ''} }` : '';
  const known = { ...Object.fromEntries(found), domains } as unknown as Columns;
  const lacking = (['Post', 'Feedback', 'FlagLog'] as const).find((type) => !known[type].includes('id'));
  return lacking === undefined ? known : `GraphQL does not list the fields of a ${lacking}`;
}

/** Returns the query for posts with their details: by links if all posts have one, otherwise by ids. */
export function postsQuery(posts: readonly AskedPost[], { Post, Feedback, FlagLog, User, domains }: Columns): string {
  const withTexts = posts.some(({ texts }) => texts === 'with');
  const own = Post.filter((column) => withTexts || !longTexts.has(column));
  const user = User.includes('username') ? 'user { username }' : '';
  const parts = [
    ...own,
    'site { id site_name site_domain site_logo }',
    'reasons { id reason_name weight }',
    domains,
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

/** Reads a post of the answer to `postsQuery`. */
export function readPost(
  { site, reasons, feedbacks, flag_logs: flagLogs, spam_domains: domains, ...rest }: JsonObject,
  known: Columns,
): FetchedPost {
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
    domains: domainsOf(domains),
    knowsFlags: hanging.flagLogs !== null,
    // GraphQL does not have them. The post's own row says if it is deleted.
    deletionLogs: null,
    flaggers: {
      by: 'flag log',
      names: new Map(listOf(flagLogs).flatMap((item) => flaggerOf(objectOf(item)))),
    },
    // True if every requested part is there.
    isWhole: Object.values(hanging).every((list) => list !== null),
  };
}

function domainsOf(list: unknown): FetchedPost['domains'] {
  if (!Array.isArray(list)) return null;
  return list.flatMap((item) => {
    const { domain, domain_tags: tags } = objectOf(item);
    const name = textOf(domain);
    return name === null ? [] : [{ name, tags: listOf(tags).flatMap((tag) => textOf(objectOf(tag).name) ?? []) }];
  });
}

/** Returns the id of a flag log with the name of its user; nothing if one of them is missing. */
function flaggerOf({ id, user }: JsonObject): readonly (readonly [string, string])[] {
  const [flagId, name] = [idText(id as never), textOf(objectOf(user).username)];
  return flagId === null || name === null ? [] : [[flagId, name]];
}
