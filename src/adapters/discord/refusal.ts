import { boundedWait, retryAfterHeader } from '../../http/retry-after.ts';
import { type JsonObject, objectOf, textOf } from '../../text/json.ts';
import type { LimitScope, Refused } from './exchange.ts';

/** A whole answer, as it came. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * Reads an answer that is not a 2xx. `error` is what discord.js made of it: its DiscordAPIError spells out what Discord lists
 * under `errors` (`embeds[0].title[…]: Must be 256 or fewer`). `say` makes foreign text fit for people and logs.
 */
export function readRefusal(
  { status, headers, text }: Answer,
  error: unknown,
  now: number,
  say: (text: string) => string,
): Refused {
  const body = jsonOf(text);
  const code = typeof body.code === 'number' ? body.code : null;
  // The form of every error (https://discord.com/developers/docs/reference#error-messages); a 429 may come without a code.
  const isDiscords = typeof body.message === 'string' && (code !== null || typeof body.retry_after === 'number');
  const detail = error instanceof Error && 'rawError' in error ? error.message : null;
  return {
    kind: 'refused',
    status,
    isDiscords,
    code,
    text: isDiscords ? say(detail ?? textOf(body.message) ?? '') : '',
    scope: isDiscords ? scopeOf(headers, body) : null,
    retryAfterMs: retryAfter(headers.get('retry-after'), body, now),
  };
}

function scopeOf(headers: Headers, body: JsonObject): LimitScope | null {
  if (headers.has('x-ratelimit-global') || body.global === true) return 'global';
  const scope = headers.get('x-ratelimit-scope');
  if (scope === 'user' || scope === 'shared' || scope === 'global') return scope;
  // Discord itself always says whether a limit is global; what a banned address is told says nothing of the kind.
  return body.global === false ? 'user' : null;
}

function jsonOf(text: string): JsonObject {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return {};
  }
}

/**
 * For how long an answer asks us to wait, in milliseconds, between 1 s and 1 h; null if it does not say.
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
