/**
 * `//stackoverflow.com/a/1` → `https://stackoverflow.com/a/1`, percent-encoded if necessary. Text that is not a URL
 * stays unchanged.
 */
export function absoluteUrl(link: string): string {
  const url = URL.parse(link.startsWith('//') ? `https:${link}` : link);
  return url === null ? link : url.href;
}
