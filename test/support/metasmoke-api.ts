import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerGraphql } from './metasmoke-graphql.ts';
import { type BrokenAnswer, breakOff } from './odd-answer.ts';

export type Row = Readonly<Record<string, unknown>>;

/** The rows of each table, in any order. Those of a post may name its reasons (`reason_ids`). */
export type Tables = Record<
  | 'posts'
  | 'feedbacks'
  | 'deletion_logs'
  | 'post_comments'
  | 'flag_logs'
  | 'sites'
  | 'reasons'
  | 'users'
  | 'smoke_detectors',
  Row[]
>;

/** metasmoke's REST and GraphQL API on loopback, with the behaviour measured against its own code. */
export interface MetasmokeApiDouble {
  readonly url: string;
  readonly key: string;
  /** The API lists them with the newest id first, except sites. */
  readonly tables: Tables;
  /** `METHOD path?query` of every request, without the key. */
  readonly seen: readonly string[];
  /** Gives every request that matches this answer, until the returned function is called. An HTML text is an error page. */
  always(match: RegExp, answer: { readonly status: number; readonly body: unknown } | BrokenAnswer): () => void;
  /** Called before each request is answered: rows may change between two pages. */
  onRequest: (line: string) => void;
  stop(): Promise<void>;
}

const paths: Readonly<Record<string, keyof Tables>> = {
  posts: 'posts',
  feedbacks: 'feedbacks',
  deletions: 'deletion_logs',
  comments: 'post_comments',
  sites: 'sites',
  smokeys: 'smoke_detectors',
};

/**
 * The fields of `GET /api/filter_fields`, in order: only columns of the double's tables, and some that must not be
 * requested.
 */
const fields = [
  'announcements.id',
  ...[
    'id',
    'title',
    'body',
    'link',
    'site_id',
    'user_link',
    'username',
    'user_reputation',
    'deleted_at',
    'autoflagged',
    'created_at',
    'updated_at',
  ].map((name) => `posts.${name}`),
  'posts.secret',
  ...['id', 'feedback_type', 'post_id', 'user_name', 'created_at', 'updated_at'].map((name) => `feedbacks.${name}`),
  ...['id', 'post_id', 'is_deleted', 'created_at', 'updated_at'].map((name) => `deletion_logs.${name}`),
  ...['id', 'post_id', 'text', 'created_at', 'updated_at'].map((name) => `post_comments.${name}`),
  ...['id', 'name', 'last_ping', 'is_standby', 'access_token'].map((name) => `smoke_detectors.${name}`),
  ...['id', 'site_name', 'site_url', 'site_logo', 'site_domain'].map((name) => `sites.${name}`),
];
const byDefault: Readonly<Record<string, readonly string[]>> = {
  posts: ['id', 'title', 'link', 'site_id', 'user_link', 'username', 'user_reputation'],
  feedbacks: ['id', 'feedback_type', 'post_id'],
  deletion_logs: ['id', 'post_id', 'is_deleted'],
  post_comments: ['id', 'text', 'post_id'],
  sites: ['id', 'site_name', 'site_url'],
  smoke_detectors: ['id', 'name'],
  reasons: ['id', 'reason_name', 'weight'],
};
const page = '<!DOCTYPE html><html><title>We’re sorry, but something went wrong (500)</title></html>';

export async function startMetasmokeApi(key = 'api-double-key'): Promise<MetasmokeApiDouble> {
  const seen: string[] = [];
  const scripted: { match: RegExp; answer: { status: number; body: unknown } | BrokenAnswer }[] = [];

  /** Returns the fields of a filter; null if it is invalid. */
  function decode(filter: string): string[] | null {
    if (!/^[F-O]+$/.test(filter)) return null;
    const number = BigInt(filter.replaceAll(/[F-O]/g, (letter) => String(letter.charCodeAt(0) - 'F'.charCodeAt(0))));
    const bits = number.toString(2).padStart(fields.length, '0');
    return bits.length > fields.length ? null : fields.filter((_, index) => bits[index] === '1');
  }

  function list(
    table: keyof Tables,
    query: URLSearchParams,
    isListed: (row: Row) => boolean = () => true,
  ): { status: number; body: unknown } {
    const size = Number(query.get('per_page') ?? 10);
    const number = Number(query.get('page') ?? 1);
    if (!Number.isInteger(number) || number < 1) return { status: 404, body: page };
    if (!Number.isInteger(size) || size < 1) return { status: 200, body: { items: [], has_more: true } };
    const filter = query.get('filter');
    const asked = filter === null ? byDefault[table]?.map((name) => `${table}.${name}`) : decode(filter);
    // A column of another table, or a table without columns, is an error in its SQL.
    if (
      !asked?.includes(`${table}.id`) ||
      asked.some((name) => !name.startsWith(`${table}.`) || name.endsWith('.secret'))
    )
      return { status: 500, body: page };
    const most = Math.min(size, 100);
    const rows = double.tables[table].filter(isListed);
    const all = table === 'sites' ? rows : rows.toSorted((a, b) => Number(b.id) - Number(a.id));
    const names = asked.map((name) => name.slice(table.length + 1));
    const items = all
      .slice((number - 1) * most, number * most)
      .map((row) => Object.fromEntries(names.map((name) => [name, row[name] ?? null])));
    return { status: 200, body: { items, has_more: all.length > number * most } };
  }

  /** Handles the routes about posts named by their ids. */
  function about(path: string, query: URLSearchParams): { status: number; body: unknown } {
    const { posts, reasons } = double.tables;
    const [, ids] = /^posts\/([\d,]+)$/.exec(path) ?? [];
    if (ids !== undefined) return list('posts', query, ({ id }) => ids.split(',').includes(String(id)));
    const [, of, postId] = /^(feedbacks|deletions)\/post\/(\d+)$/.exec(path) ?? [];
    if (of !== undefined)
      return list(paths[of] as keyof Tables, query, ({ post_id: hangsOn }) => String(hangsOn) === postId);
    const [, id, what] = /^posts\/(\d+)\/(reasons|flags)$/.exec(path) ?? [];
    const post = posts.find((row) => String(row.id) === id);
    if (post === undefined) return { status: 404, body: page };
    if (what === 'flags') return { status: 200, body: { items: [flagsOf(post)], has_more: false } };
    const ofIt = new Set((post.reason_ids as unknown[] | undefined) ?? []);
    return list('reasons', query, (reason) => reasons.includes(reason) && ofIt.has(reason.id));
  }

  /**
   * Returns the users who flagged, without the flag logs.
   * https://github.com/Charcoal-SE/metasmoke/blob/master/app/api/api/posts_api.rb
   */
  function flagsOf(post: Row): unknown {
    const { flag_logs: flagLogs, users } = double.tables;
    const by = (isAuto: boolean) =>
      flagLogs
        .filter((row) => row.post_id === post.id && row.success === true && row.is_auto === isAuto)
        .map((row) => users.find(({ id }) => id === row.user_id) ?? null);
    const auto = by(true);
    return {
      id: post.id,
      autoflagged: { flagged: auto.length > 0, users: auto },
      manual_flags: { users: by(false) },
    };
  }

  const http = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'http://double.test');
    const given = url.searchParams.get('key');
    url.searchParams.delete('key');
    const path = url.pathname.replace(/^\/api\//, '');
    const line = `${request.method} ${path}${url.search}`;
    seen.push(line);
    double.onRequest(line);
    const table = paths[path.replace(/^v2\.0\//, '')];
    const script = scripted.find(({ match }) => match.test(line))?.answer;
    if (script !== undefined && !('status' in script)) return breakOff(response, script, '{');
    const { status, body } =
      script ??
      (path === 'filter_fields'
        ? { status: 200, body: Object.fromEntries(fields.map((name) => [name, 0])) }
        : given !== key
          ? { status: 403, body: { name: 'unauthorized', detail: 'The API key is not known.' } }
          : path === 'graphql'
            ? answerGraphql(queryIn(chunks), double.tables, { status: 404, body: page })
            : table !== undefined
              ? list(table, url.searchParams)
              : about(path.replace(/^v2\.0\//, ''), url.searchParams));
    const isText = typeof body === 'string';
    response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json' });
    response.end(isText ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));

  const double: MetasmokeApiDouble = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/api`,
    key,
    tables: {
      ...{ posts: [], feedbacks: [], deletion_logs: [], post_comments: [], flag_logs: [] },
      ...{ sites: [], reasons: [], users: [], smoke_detectors: [] },
    },
    seen,
    always(match, answer) {
      const script = { match, answer };
      scripted.push(script);
      return () => void scripted.splice(scripted.indexOf(script), 1);
    },
    onRequest: () => {},
    async stop() {
      const ended = new Promise((resolve) => http.close(resolve));
      http.closeAllConnections();
      await ended;
    },
  };
  return double;
}

function queryIn(chunks: readonly Buffer[]): string {
  return (JSON.parse(Buffer.concat(chunks).toString()) as { query: string }).query;
}
