import type { FetchedSite } from '../../catalogue/fetched-post.ts';
import { type JsonObject, textOf } from '../../text/json.ts';
import { numberOf } from './graphql-row.ts';

/**
 * Reads a site from the API; returns null if it is something else. If the API returns few columns, the domain is taken
 * from the address.
 */
export function readSite(row: JsonObject): FetchedSite | null {
  const [id, name] = [numberOf(row.id), textOf(row.site_name)];
  if (id === null || name === null) return null;
  const url = textOf(row.site_url);
  const domain = textOf(row.site_domain) ?? (url === null ? null : (URL.parse(url)?.hostname ?? null));
  return { id, name, domain, logo: textOf(row.site_logo) };
}
