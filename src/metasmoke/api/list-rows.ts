import { type JsonObject, listOf, objectOf } from '../../http/json.ts';
import type { ModelInfo } from '../catalogue.ts';
import { idText } from '../subject.ts';
import type { MetasmokeApi } from './client.ts';
import { createFilterFor } from './filter-for.ts';
import { nativeRow, numberOf } from './graphql-row.ts';

/** Rows of one model that the API listed. `problem`: why there may be more that it did not. */
export interface Listed {
  readonly rows: readonly JsonObject[];
  readonly problem: string | null;
}

/** Lists the rows of a model from the newest back to where a row is old enough. */
export type ListRows = (model: ModelInfo, isOld: (row: JsonObject) => boolean, signal: AbortSignal) => Promise<Listed>;

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

/** `onFewerFields` is told once, where the API does not say which fields it has. */
export function createListRows(api: MetasmokeApi, onFewerFields: (reason: string) => void): ListRows {
  const filterFor = createFilterFor(api, onFewerFields);
  let flagFields: Promise<readonly string[] | string> | null = null;

  async function overRest(path: string, model: ModelInfo, isOld: (row: JsonObject) => boolean, signal: AbortSignal) {
    const filter = await filterFor(model, signal);
    const rows = new Map<string, JsonObject>();
    for (const size of [pageSize, secondPageSize]) {
      let pages = 0;
      for (let isDone = false; !isDone; ) {
        const query = { ...filter, page: String(++pages), per_page: String(size) };
        const answer = await api.get(`v2.0/${path}`, query, signal);
        if (answer.outcome !== 'ok') return { rows: [...rows.values()], problem: answer.reason };
        const items = listOf(answer.body.items).map(objectOf);
        for (const row of items.filter((each) => !isOld(each))) keep(rows, row);
        isDone = items.some(isOld) || items.length === 0 || answer.body.has_more !== true;
        if (!isDone && pages * size >= mostRows)
          return { rows: [...rows.values()], problem: `there are more than ${mostRows} rows` };
      }
      if (pages === 1) break;
    }
    return { rows: [...rows.values()], problem: null };
  }

  /** Which fields of a flag log GraphQL knows, so that none is asked for that it does not; a text is why that is not known. */
  async function readFlagFields(model: ModelInfo, signal: AbortSignal): Promise<readonly string[] | string> {
    const answer = await api.graphql('{ __type(name: "FlagLog") { fields { name } } }', signal);
    if (answer.outcome !== 'ok') return answer.reason;
    const known = listOf(objectOf(objectOf(answer.body.data).__type).fields).map((field) => objectOf(field).name);
    const wanted = Object.keys(model.fields).filter((field) => known.includes(field));
    return wanted.includes('id') ? wanted : 'GraphQL knows no flag logs';
  }

  async function overGraphql(model: ModelInfo, isOld: (row: JsonObject) => boolean, signal: AbortSignal) {
    flagFields ??= readFlagFields(model, signal);
    const columns = await flagFields;
    if (typeof columns === 'string') {
      flagFields = null;
      return { rows: [], problem: columns };
    }
    const inner = [...columns.filter((column) => column !== 'post_id'), 'post { id }'].join(' ');
    const rows = new Map<string, JsonObject>();
    for (let offset = 0; offset < mostRows; offset += flagLogsAtOnce - 1) {
      const answer = await api.graphql(
        `{ flag_logs(last: ${flagLogsAtOnce}, offset: ${offset}) { ${inner} } }`,
        signal,
      );
      if (answer.outcome !== 'ok') return { rows: [...rows.values()], problem: answer.reason };
      const items = listOf(objectOf(answer.body.data).flag_logs).map((item) => flagLog(objectOf(item)));
      for (const row of items.filter((each) => !isOld(each))) keep(rows, row);
      if (items.length < flagLogsAtOnce || items.some(isOld)) return { rows: [...rows.values()], problem: null };
    }
    return { rows: [...rows.values()], problem: `there are more than ${mostRows} rows` };
  }

  return async (model, isOld, signal) => {
    const path = restPaths[model.name];
    if (path !== undefined) return overRest(path, model, isOld, signal);
    if (model.name === 'flag_logs') return overGraphql(model, isOld, signal);
    return { rows: [], problem: 'the API has no list of them' };
  };
}

function keep(rows: Map<string, JsonObject>, row: JsonObject): void {
  const id = idText(row.id as never);
  if (id !== null) rows.set(id, row);
}

/** A flag log as a row: its post stands in a row of its own. */
function flagLog({ post, ...row }: JsonObject): JsonObject {
  const postId = numberOf(objectOf(post).id);
  return { ...nativeRow(row), ...(postId !== null && { post_id: postId }) };
}
