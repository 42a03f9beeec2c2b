import { absoluteUrl } from '../text/absolute-url.ts';

/** Returns the address in its normal form if it is an allowed target of a link or image; otherwise null. */
export type Allow = (url: string) => string | null;

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
 * Returns the rule of a template: a link may lead where the source's links may (metasmoke, Stack Exchange), or to an
 * origin named in the template itself.
 */
export function allowing(isTrusted: (url: string) => boolean, origins: ReadonlySet<string>): Allow {
  return (url) => allowedUrl(url, isTrusted, origins);
}

function allowedUrl(url: string, isTrusted: (url: string) => boolean, origins: ReadonlySet<string>): string | null {
  const given = url.trim();
  const absolute = absoluteUrl(given);
  if (absolute.length > longestUrl) return null;
  if (isTrusted(given)) return absolute;
  const parsed = URL.parse(absolute);
  if (parsed === null || parsed.username !== '' || parsed.password !== '') return null;
  return /^https?:$/.test(parsed.protocol) && origins.has(parsed.origin) ? parsed.href : null;
}
