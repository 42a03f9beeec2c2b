import { objectOf } from '../../http/json.ts';
import { boundedWait, retryAfterHeader } from '../../http/retry-after.ts';

/**
 * For how long an answer asks us to wait, in milliseconds, between 1 s and 1 h; null where it does not say.
 *
 * Discord tells seconds twice, in the header as a whole number and in `retry_after` with its fraction; Cloudflare before it
 * sends the header alone (https://discord.com/developers/docs/topics/rate-limits#exceeding-a-rate-limit). The longer counts.
 */
export function retryAfter(header: string | null, body: unknown, now: number): number | null {
  const asked = [retryAfterHeader(header, now), fromBody(body)].filter((ms) => ms !== null);
  return asked.length === 0 ? null : boundedWait(Math.max(...asked));
}

function fromBody(body: unknown): number | null {
  const seconds = objectOf(body).retry_after;
  return typeof seconds === 'number' && Number.isFinite(seconds) ? seconds * 1_000 : null;
}
