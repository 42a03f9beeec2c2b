import type { Row, Tables } from './metasmoke-api.ts';

type Answer = { readonly status: number; readonly body: unknown };
/** The selection of a query: a field and its own selection; null for a column. */
type Selection = ReadonlyMap<string, Selection | null>;

/** The fields of each type, as `__type` lists them; fields that are rows name their type. */
const types: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  Post: {
    ...columns(
      'id title body link user_link username why user_reputation score is_tp is_fp is_naa deleted_at autoflagged tags created_at updated_at',
    ),
    site: 'Site',
    reasons: 'Reason',
    feedbacks: 'Feedback',
    flag_logs: 'FlagLog',
  },
  Feedback: columns('id feedback_type user_name created_at updated_at'),
  FlagLog: {
    ...columns('id success is_auto is_dry_run error_message created_at updated_at'),
    post: 'Post',
    user: 'User',
  },
  Site: columns('id site_name site_domain site_logo'),
  Reason: columns('id reason_name weight'),
  User: columns('id username'),
};
/** Cost above which a query is refused. */
const mostCost = 5_000;

function columns(names: string): Readonly<Record<string, null>> {
  return Object.fromEntries(names.split(' ').map((name) => [name, null]));
}

/** metasmoke's GraphQL as measured: costs of a query, an HTML page for unknown ids, texts for ids. */
export function answerGraphql(query: string, tables: Tables, notFound: Answer): Answer {
  const ok = (data: unknown): Answer => ({ status: 200, body: { data } });
  const asked = [...query.matchAll(/(?:(\w+): )?__type\(name: "(\w+)"\)/g)];
  if (asked.length > 0)
    return ok(
      Object.fromEntries(
        asked.map(([, alias = '__type', name = '']) => [
          alias,
          types[name] === undefined ? null : { fields: Object.keys(types[name]).map((field) => ({ name: field })) },
        ]),
      ),
    );
  const byIds = [...query.matchAll(/(users|sites)\(ids: (\[.*?\])\) \{ (.*?) \}/g)];
  if (byIds.length > 0)
    return ok(
      Object.fromEntries(
        byIds.map(([, table = '', ids = '', names = '']) => {
          const rows = tables[table as 'users' | 'sites'].filter(({ id }) => JSON.parse(ids).includes(String(id)));
          const of = (row: Row) => names.split(' ').map((name) => [name, name === 'id' ? String(row.id) : row[name]]);
          return [table, rows.map((row) => Object.fromEntries(of(row)))];
        }),
      ),
    );
  const found = /^\{ (posts|flag_logs)\((.*?)\) (\{.*\}) \}$/s.exec(query);
  const selection = found === null ? null : parse(found[3] ?? '');
  if (found === null || selection === null) return errors('Parse error');
  const [, field = '', given = ''] = found;
  const type = field === 'posts' ? 'Post' : 'FlagLog';
  const which = pick(field as 'posts' | 'flag_logs', given, tables);
  if (which === 'not found') return notFound;
  if (200 + which.count * costOf(selection, type) > mostCost) return errors('Query has a complexity that is too much');
  const wrong = unknownField(selection, type);
  if (wrong !== null) return errors(`Field '${wrong}' doesn't exist on type '${type}'`);
  return ok({ [field]: which.rows.map((row) => shape(row, selection, type, tables)) });
}

function errors(message: string): Answer {
  return { status: 200, body: { errors: [{ message }] } };
}

/** Returns the rows that arguments name, and the number for which the query pays. */
function pick(
  field: 'posts' | 'flag_logs',
  given: string,
  tables: Tables,
): { readonly rows: readonly Row[]; readonly count: number } | 'not found' {
  const newestFirst = tables[field].toSorted((a, b) => Number(b.id) - Number(a.id));
  const [, by, list] = /^(ids|urls): (\[.*\])$/s.exec(given) ?? [];
  if (by !== undefined && list !== undefined) {
    const wanted = (JSON.parse(list) as unknown[]).map(String);
    const rows = newestFirst.filter((row) => wanted.includes(String(row[by === 'ids' ? 'id' : 'link'])));
    return by === 'ids' && rows.length < wanted.length ? 'not found' : { rows, count: wanted.length };
  }
  const [, last, offset] = /^last: (\d+), offset: (\d+)$/.exec(given) ?? [];
  return { rows: newestFirst.slice(Number(offset), Number(offset) + Number(last)), count: Number(last) };
}

/** Returns the cost: one per field; 200 for a post, user or site of a flag log. */
function costOf(selection: Selection, type: string): number {
  let cost = 0;
  for (const [name, inner] of selection)
    cost += inner === null ? 1 : type === 'FlagLog' ? 200 : 1 + costOf(inner, types[type]?.[name] ?? '');
  return cost;
}

function unknownField(selection: Selection, type: string): string | null {
  for (const [name, inner] of selection) {
    const of = types[type]?.[name];
    if (of === undefined || (of === null) !== (inner === null)) return name;
    const wrong = inner === null || of === null ? null : unknownField(inner, of);
    if (wrong !== null) return wrong;
  }
  return null;
}

function shape(row: Row, selection: Selection, type: string, tables: Tables): unknown {
  return Object.fromEntries(
    [...selection].map(([name, inner]) => {
      if (inner === null) return [name, name === 'id' ? String(row.id) : shortTime(row[name] ?? null)];
      const of = types[type]?.[name] ?? '';
      const related = relatedTo(row, name, tables);
      return [
        name,
        Array.isArray(related)
          ? related.map((one: Row) => shape(one, inner, of, tables))
          : related && shape(related as Row, inner, of, tables),
      ];
    }),
  );
}

function relatedTo(row: Row, name: string, tables: Tables): readonly Row[] | Row | null {
  if (name === 'site') return tables.sites.find(({ id }) => id === row.site_id) ?? null;
  if (name === 'post') return { id: row.post_id };
  if (name === 'user') return tables.users.find(({ id }) => id === row.user_id) ?? null;
  if (name === 'reasons') return tables.reasons.filter(({ id }) => (row.reason_ids as unknown[])?.includes(id));
  return tables[name as 'feedbacks' | 'flag_logs'].filter(({ post_id: postId }) => postId === row.id);
}

function shortTime(value: unknown): unknown {
  return typeof value === 'string' && /T.*\.\d+Z$/.test(value) ? value.replace(/\.\d+Z$/, 'Z') : value;
}

function parse(text: string): Selection | null {
  const words = text.match(/\w+|[{}]/g) ?? [];
  let at = 0;
  const block = (): Selection => {
    const selection = new Map<string, Selection | null>();
    at++;
    while (at < words.length && words[at] !== '}') {
      const name = words[at++] ?? '';
      selection.set(name, words[at] === '{' ? block() : null);
    }
    at++;
    return selection;
  };
  const selection = words[0] === '{' ? block() : null;
  return at === words.length ? selection : null;
}
