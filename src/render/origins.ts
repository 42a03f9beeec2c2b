import { absoluteUrl, isTrustedUrl } from '../metasmoke/links.ts';

const written = /\bhttps?:\/\/[a-z\d](?:[a-z\d.-]*[a-z\d])?(?::\d{1,5})?/gi;

/** Returns the origins of the URLs in a template's own text: `https://charcoal-se.org`. */
export function originsIn(text: string): ReadonlySet<string> {
  const origins = new Set<string>();
  for (const [url] of text.matchAll(written)) {
    const parsed = URL.parse(url);
    if (parsed !== null) origins.add(parsed.origin);
  }
  return origins;
}

/** Limit of an address that becomes a link, UTF-16 units. No site of the network has longer ones. */
const longestUrl = 2_048;

/**
 * Returns the address in its normal form if it is an allowed target of a link or image: metasmoke, Stack Exchange, or
 * an origin named in the template itself. Otherwise null.
 */
export function allowedUrl(url: string, origins: ReadonlySet<string>): string | null {
  const given = url.trim();
  const absolute = absoluteUrl(given);
  if (absolute.length > longestUrl) return null;
  if (isTrustedUrl(given)) return absolute;
  const parsed = URL.parse(absolute);
  if (parsed === null || parsed.username !== '' || parsed.password !== '') return null;
  return /^https?:$/.test(parsed.protocol) && origins.has(parsed.origin) ? parsed.href : null;
}
