import { absoluteUrl } from '../text/absolute-url.ts';

/**
 * Returns the author of a post by the link of their profile, in the form in which equal authors are equal texts:
 * `stackoverflow.com/users/5`; null if it is not a link of a profile.
 */
export function authorKeyOf(userLink: unknown): string | null {
  if (typeof userLink !== 'string') return null;
  const url = URL.parse(absoluteUrl(userLink));
  const id = /^\/u(?:sers)?\/(-?\d{1,18})(?:\/|$)/.exec(url?.pathname ?? '')?.[1];
  return url === null || url.host === '' || id === undefined ? null : `${url.host}/users/${id}`;
}
