/**
 * Shortest wait before a retry, ms, whatever an answer requests. Cloudflare sends `Retry-After: 0`, which in a loop is
 * a busy loop.
 */
const shortestMs = 1_000;
/** Longest wait before a retry, ms. A broken proxy must not stop requests for a year. */
const longestMs = 60 * 60 * 1_000;

/** Returns the wait that a `Retry-After` header (seconds or an HTTP date) requests, ms, or null if it cannot be read. */
export function retryAfterHeader(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Number(header) * 1_000;
  const date = /^\s*[A-Za-z]{3},/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? null : date - now;
}

/** Returns a requested wait in whole milliseconds, at least 1 s and at most 1 h. */
export function boundedWait(askedMs: number): number {
  return Math.min(longestMs, Math.max(shortestMs, Math.ceil(askedMs)));
}
