import type { FetchNames } from '../../catalogue/source-api.ts';
import { idText } from '../../catalogue/subject.ts';
import { textOf } from '../../text/json.ts';
import type { MetasmokeApi } from './client.ts';
import { rowsIn } from './read-answer.ts';
import { readSite } from './read-site.ts';

/**
 * Creates the function. GraphQL has users and sites by their ids and leaves out unknown ones; REST lists all users, a
 * hundred at a time, and none by its id.
 * https://github.com/Charcoal-SE/metasmoke/blob/master/app/graphql/types/query_type.rb
 */
export function createFetchNames(api: MetasmokeApi): FetchNames {
  return async ({ users, sites }, signal) => {
    const parts = [
      ...(users.length > 0 ? [`users(ids: ${JSON.stringify(users)}) { id username }`] : []),
      ...(sites.length > 0 ? [`sites(ids: ${JSON.stringify(sites)}) { id site_name site_domain site_logo }`] : []),
    ];
    const answer = await api.graphql(`{ ${parts.join(' ')} }`, signal);
    if (answer.outcome !== 'ok') return answer.reason;
    const people = users.length > 0 ? rowsIn(answer.body.users) : [];
    const places = sites.length > 0 ? rowsIn(answer.body.sites) : [];
    if (people === null || places === null) return 'GraphQL answered without a list of users or sites';
    const named = people.flatMap(({ id, username }) => {
      const [userId, name] = [idText(id as never), textOf(username)];
      return userId === null || name === null ? [] : [[userId, name] as const];
    });
    return { users: new Map(named), sites: places.flatMap((site) => readSite(site) ?? []) };
  };
}
