import { absoluteUrl } from '../text/absolute-url.ts';

/** Returns the host of a post's link (`//stackoverflow.com/a/1`), which is the domain of its site; null if it is not a link. */
export function siteOfLink(link: unknown): string | null {
  if (typeof link !== 'string' || !/^(https?:)?\/\/[a-z\d.-]+(?:[/?#]|$)/i.test(link)) return null;
  return URL.parse(absoluteUrl(link))?.hostname ?? null;
}
