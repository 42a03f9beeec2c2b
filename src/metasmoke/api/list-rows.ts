import { type JsonObject, listOf, objectOf } from '../../text/json.ts';
import type { ModelInfo } from '../catalogue.ts';
import { idText } from '../subject.ts';
import type { ApiFailure, MetasmokeApi } from './client.ts';
import { createFilters } from './filter-for.ts';
import { nativeRow, numberOf } from './graphql-row.ts';
import { rowsIn } from './read-answer.ts';

/** Rows of one model that the API listed. */
export type Listed = { readonly rows: readonly JsonObject[] } & (
  | { readonly outcome: 'all' }
  /** There may be more: a page had no answer, or none that makes sense. Another reading may give it. */
  | { readonly outcome: 'failed'; readonly reason: string }
  /** There is more than is ever read. */
  | { readonly outcome: 'tooMany'; readonly reason: string }
);

/** Tells a row that was there before the time that is asked for; `unclear`: the row does not say. */
export type Age = 'old' | 'new' | 'unclear';

/** Lists the rows of a model from the newest back to where a row is old. */
export type ListRows = (model: ModelInfo, ageOf: (row: JsonObject) => Age, signal: AbortSignal) => Promise<Listed>;

/** Where REST lists a model, the newest first; what is not here has no list. */
const restPaths: Readonly<Record<string, string>> = {
  posts: 'posts',
  feedbacks: 'feedbacks',
  deletion_logs: 'deletions',
  post_comments: 'comments',
};
/** In GraphQL: fields of `flag_logs` cost much, and a query may cost 5,000. */
const flagLogsAtOnce = 20;
/** The API gives 100 rows at once at most. */
const pageSize = 100;
/** With other borders between its pages, a second look finds what moved over one while the first was taken. */
const secondPageSize = 70;
/** So many rows of a model are fetched at most: metasmoke gets about 160 reports a day. */
const mostRows = 10_000;

/** Models whose missed rows can be fetched. */
export const fetchable: ReadonlySet<string> = new Set([...Object.keys(restPaths), 'flag_logs']);

/** The end that a page of rows leads to. */
type PageEnd = 'more may be new' | 'reached old rows' | 'unclear';

const tooMany = `there are more than ${mostRows} rows`;
const unclear = 'the API does not say of what time its rows are';

/** `onFewerFields` is told once, where the API does not say which fields it has. */
export function createListRows(api: MetasmokeApi, onFewerFields: (reason: string) => void): ListRows {
  const filters = createFilters(api, onFewerFields);
  let flagFields: Promise<readonly string[] | string> | null = null;

  async function overRest(
    path: string,
    model: ModelInfo,
    ageOf: (row: JsonObject) => Age,
    signal: AbortSignal,
  ): Promise<Listed> {
    const filter = await filters.for(model, signal);
    const rows = createRows(ageOf);
    const failed = (failure: ApiFailure): Listed => {
      if ('filter' in filter) filters.failed(failure);
      return { rows: rows.all(), outcome: 'failed', reason: failure.reason };
    };
    for (const size of [pageSize, secondPageSize]) {
      let pages = 0;
      for (let isDone = false; !isDone; ) {
        const query = { ...filter, page: String(++pages), per_page: String(size) };
        const answer = await api.list(path, query, signal);
        if (answer.outcome !== 'ok') return failed(answer);
        const taken = rows.take(answer.body.items);
        if (taken === 'unclear') return failed({ outcome: 'failed', reason: unclear, status: 200 });
        isDone = taken === 'reached old rows' || !answer.body.hasMore;
        if (!isDone && pages * size >= mostRows) return { rows: rows.all(), outcome: 'tooMany', reason: tooMany };
      }
      if (pages === 1) break;
    }
    return { rows: rows.all(), outcome: 'all' };
  }

  /** Which fields of a flag log GraphQL knows, so that none is asked for that it does not; a text is why that is not known. */
  async function readFlagFields(model: ModelInfo, signal: AbortSignal): Promise<readonly string[] | string> {
    const answer = await api.graphql('{ __type(name: "FlagLog") { fields { name } } }', signal);
    if (answer.outcome !== 'ok') return answer.reason;
    const known = listOf(objectOf(answer.body.__type).fields).map((field) => objectOf(field).name);
    const wanted = Object.keys(model.fields).filter((field) => known.includes(field));
    return wanted.includes('id') ? wanted : 'GraphQL knows no flag logs';
  }

  async function overGraphql(model: ModelInfo, ageOf: (row: JsonObject) => Age, signal: AbortSignal): Promise<Listed> {
    const rows = createRows(ageOf);
    const failed = (reason: string): Listed => ({ rows: rows.all(), outcome: 'failed', reason });
    flagFields ??= readFlagFields(model, signal);
    const columns = await flagFields;
    if (typeof columns === 'string') {
      flagFields = null;
      return failed(columns);
    }
    const inner = [...columns.filter((column) => column !== 'post_id'), 'post { id }'].join(' ');
    for (let offset = 0; offset < mostRows; offset += flagLogsAtOnce - 1) {
      const answer = await api.graphql(
        `{ flag_logs(last: ${flagLogsAtOnce}, offset: ${offset}) { ${inner} } }`,
        signal,
      );
      if (answer.outcome === 'failed') return failed(answer.reason);
      const items = answer.outcome === 'ok' ? rowsIn(answer.body.flag_logs) : null;
      if (items === null) {
        // Its fields may have changed.
        flagFields = null;
        const reason = answer.outcome === 'errors' ? answer.reason : 'GraphQL answered without a list of flag logs';
        return failed(reason);
      }
      const taken = rows.take(items.map(flagLog));
      if (taken === 'unclear') return failed(unclear);
      if (taken === 'reached old rows' || items.length < flagLogsAtOnce) return { rows: rows.all(), outcome: 'all' };
    }
    return { rows: rows.all(), outcome: 'tooMany', reason: tooMany };
  }

  return async (model, ageOf, signal) => {
    const path = restPaths[model.name];
    if (path !== undefined) return overRest(path, model, ageOf, signal);
    if (model.name === 'flag_logs') return overGraphql(model, ageOf, signal);
    throw new Error(`the API has no list of ${model.name}`);
  };
}

/** The new rows of one model, each once. */
function createRows(ageOf: (row: JsonObject) => Age) {
  const found = new Map<string, JsonObject>();
  return {
    take(items: readonly JsonObject[]): PageEnd {
      const ages = new Set<Age>();
      for (const row of items) {
        const age = ageOf(row);
        ages.add(age);
        const id = idText(row.id as never);
        if (age === 'new' && id !== null) found.set(id, row);
      }
      return ages.has('unclear') ? 'unclear' : ages.has('old') ? 'reached old rows' : 'more may be new';
    },
    all: (): readonly JsonObject[] => [...found.values()],
  };
}

/** A flag log as a row: its post stands in a row of its own. */
function flagLog({ post, ...row }: JsonObject): JsonObject {
  const postId = numberOf(objectOf(post).id);
  return { ...nativeRow(row), ...(postId !== null && { post_id: postId }) };
}
