/** Never asked again sooner than this, whatever an answer says: Cloudflare sends `Retry-After: 0`, which in a loop is a busy loop. */
const shortestMs = 1_000;
/** A longer wait than this is asked about again after it: a broken proxy must not silence us for a year. */
const longestMs = 60 * 60 * 1_000;

/**
 * For how long an answer asks us to wait, in milliseconds, between 1 s and 1 h; null where it does not say.
 *
 * Discord tells seconds twice, in the header as a whole number and in `retry_after` with its fraction; Cloudflare before it
 * sends the header alone (https://discord.com/developers/docs/topics/rate-limits#exceeding-a-rate-limit). The longer counts.
 */
export function retryAfter(header: string | null, body: unknown, now: number): number | null {
  const asked = [fromHeader(header, now), fromBody(body)].filter((ms) => ms !== null);
  return asked.length === 0 ? null : Math.min(longestMs, Math.max(shortestMs, Math.ceil(Math.max(...asked))));
}

function fromHeader(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Number(header) * 1_000;
  const date = /^\s*[A-Za-z]{3},/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? null : date - now;
}

function fromBody(body: unknown): number | null {
  if (typeof body !== 'object' || body === null || !('retry_after' in body)) return null;
  const seconds = body.retry_after;
  return typeof seconds === 'number' && Number.isFinite(seconds) ? seconds * 1_000 : null;
}
