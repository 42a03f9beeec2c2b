/** Never asked again sooner than this, whatever an answer says: `Retry-After: 0` in a loop is a busy loop. */
const shortestMs = 1_000;
/** A longer wait than this is asked about again after it: a broken proxy must not silence us for a year. */
const longestMs = 60 * 60 * 1_000;

/**
 * For how long an answer asks us to wait, in milliseconds, between 1 s and 1 h; null where it does not say.
 *
 * The header (seconds or an HTTP date) goes before `retry_after_ms` in the body, which is the older form
 * (https://spec.matrix.org/v1.16/client-server-api/#rate-limiting); Synapse 1.163 sends both, other servers one.
 */
export function retryAfter(header: string | null, body: unknown, now: number): number | null {
  const asked = fromHeader(header, now) ?? fromBody(body);
  return asked === null ? null : Math.min(longestMs, Math.max(shortestMs, Math.ceil(asked)));
}

function fromHeader(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Number(header) * 1_000;
  const date = /^\s*[A-Za-z]{3},/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? null : date - now;
}

function fromBody(body: unknown): number | null {
  if (typeof body !== 'object' || body === null || !('retry_after_ms' in body)) return null;
  const ms = body.retry_after_ms;
  return typeof ms === 'number' && Number.isFinite(ms) ? ms : null;
}
