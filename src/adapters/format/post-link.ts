/** Returns true for the page of one post on metasmoke. */
export function isPostLink(link: string): boolean {
  return /^https:\/\/[^/]+\/post\/\d+$/.test(link);
}
