import { objectOf } from '../../http/json.ts';
import { boundedWait, retryAfterHeader } from '../../http/retry-after.ts';

/**
 * For how long an answer asks us to wait, in milliseconds, between 1 s and 1 h; null where it does not say.
 *
 * The header (seconds or an HTTP date) goes before `retry_after_ms` in the body, which is the older form
 * (https://spec.matrix.org/v1.16/client-server-api/#rate-limiting); Synapse 1.163 sends both, other servers one.
 */
export function retryAfter(header: string | null, body: unknown, now: number): number | null {
  const asked = retryAfterHeader(header, now) ?? fromBody(body);
  return asked === null ? null : boundedWait(asked);
}

function fromBody(body: unknown): number | null {
  const ms = objectOf(body).retry_after_ms;
  return typeof ms === 'number' && Number.isFinite(ms) ? ms : null;
}
