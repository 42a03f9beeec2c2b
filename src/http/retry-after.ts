/** Never asked again sooner than this, whatever an answer says: `Retry-After: 0` in a loop is a busy loop. Cloudflare sends it. */
const shortestMs = 1_000;
/** A longer wait than this is asked about again after it: a broken proxy must not silence us for a year. */
const longestMs = 60 * 60 * 1_000;

/** What a `Retry-After` header (seconds or an HTTP date) asks for, in milliseconds; null where it says nothing that can be read. */
export function retryAfterHeader(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Number(header) * 1_000;
  const date = /^\s*[A-Za-z]{3},/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? null : date - now;
}

/** A wait that an answer asks for as we keep it: whole milliseconds, between 1 s and 1 h. */
export function boundedWait(askedMs: number): number {
  return Math.min(longestMs, Math.max(shortestMs, Math.ceil(askedMs)));
}
