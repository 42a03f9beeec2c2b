import { type JsonObject, textOf } from '../../text/json.ts';
import type { FetchedSite } from './fetched-post.ts';
import { numberOf } from './graphql-row.ts';

/** A site as the API gives it; null for what is none. Where it gives few columns, the domain stands in the address. */
export function readSite(row: JsonObject): FetchedSite | null {
  const [id, name] = [numberOf(row.id), textOf(row.site_name)];
  if (id === null || name === null) return null;
  const url = textOf(row.site_url);
  const domain = textOf(row.site_domain) ?? (url === null ? null : (URL.parse(url)?.hostname ?? null));
  return { id, name, domain, logo: textOf(row.site_logo) };
}
