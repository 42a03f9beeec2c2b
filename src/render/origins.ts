import { absoluteUrl, isTrustedUrl } from '../metasmoke/links.ts';

const written = /\bhttps?:\/\/[a-z\d](?:[a-z\d.-]*[a-z\d])?(?::\d{1,5})?/gi;

/** The origins of the URLs that stand in a template's own text: `https://charcoal-se.org`. */
export function originsIn(text: string): ReadonlySet<string> {
  const origins = new Set<string>();
  for (const [url] of text.matchAll(written)) {
    const parsed = URL.parse(url);
    if (parsed !== null) origins.add(parsed.origin);
  }
  return origins;
}

/** A longer address is not worth a link: no site of the network makes one. In UTF-16 units. */
const longestUrl = 2_048;

/**
 * The address in its normal form if a link or image may lead there: to metasmoke, to Stack Exchange, or to an origin that
 * the template names itself. Else null.
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
