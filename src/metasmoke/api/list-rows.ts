import { columnsOf, type ModelInfo } from '../../catalogue/catalogue.ts';
import type { Age, Listed, ListRows } from '../../catalogue/source-api.ts';
import { idText } from '../../catalogue/subject.ts';
import { type JsonObject, listOf, objectOf } from '../../text/json.ts';
import type { MetasmokeApi } from './client.ts';
import { createFilters } from './filter-for.ts';
import { nativeRow, numberOf } from './graphql-row.ts';
import { rowsIn } from './read-answer.ts';
import type { ApiFailure } from './read-exchange.ts';

/** REST paths of the lists, newest first. Other models have no list. */
const restPaths: Readonly<Record<string, string>> = {
  posts: 'posts',
  feedbacks: 'feedbacks',
  deletion_logs: 'deletions',
  post_comments: 'comments',
};
/** Page size of `flag_logs` over GraphQL: their fields are costly, and a query may cost 5,000. */
const flagLogsAtOnce = 20;
/** Page size: the API returns at most 100 rows at once. */
const pageSize = 100;
/** Page size of a second reading. Its different page borders find rows that moved over a border during the first. */
const secondPageSize = 70;
/** Largest number of rows fetched of a model. metasmoke gets about 160 reports a day. */
const mostRows = 10_000;

/** Number of rows at the end of a page that must be old for the older pages to be old: a row may be dated back. */
const tail = 5;

/** The state at the end of a page of rows. */
type PageEnd = 'more may be new' | 'reached old rows' | 'unclear';

const tooMany = `there are more than ${mostRows} rows`;
const unclear = 'the API does not return the times of its rows';

/** Creates the function. `onFewerFields` is called once if the API does not list its fields. */
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

  /**
   * Returns the fields of a flag log that GraphQL knows, so that no unknown one is requested, or the reason why they
   * are unknown.
   */
  async function readFlagFields(model: ModelInfo, signal: AbortSignal): Promise<readonly string[] | string> {
    const answer = await api.graphql('{ __type(name: "FlagLog") { fields { name } } }', signal);
    if (answer.outcome !== 'ok') return answer.reason;
    const known = listOf(objectOf(answer.body.__type).fields).map((field) => objectOf(field).name);
    const wanted = columnsOf(model).filter((column) => known.includes(column));
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

/** Collects the new rows of one model, each once. */
function createRows(ageOf: (row: JsonObject) => Age) {
  const found = new Map<string, JsonObject>();
  return {
    take(items: readonly JsonObject[]): PageEnd {
      const ages: Age[] = [];
      for (const row of items) {
        const age = ageOf(row);
        ages.push(age);
        const id = idText(row.id as never);
        if (age === 'new' && id !== null) found.set(id, row);
      }
      if (ages.includes('unclear')) return 'unclear';
      const isOld = ages.length > 0 && ages.slice(-tail).every((age) => age === 'old');
      return isOld ? 'reached old rows' : 'more may be new';
    },
    all: (): readonly JsonObject[] => [...found.values()],
  };
}

/** Converts a flag log to a row of its own: GraphQL nests its post. */
function flagLog({ post, ...row }: JsonObject): JsonObject {
  const postId = numberOf(objectOf(post).id);
  return { ...nativeRow(row), ...(postId !== null && { post_id: postId }) };
}
