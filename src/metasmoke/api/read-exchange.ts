import { boundedWait } from '../../http/retry-after.ts';
import { type JsonObject, objectOf, textOf } from '../../text/json.ts';
import type { Reading } from './read-answer.ts';

/** One request and what came back, before it is read. */
export type Exchange =
  | { readonly kind: 'answer'; readonly status: number; readonly text: string; readonly retryAfterMs: number | null }
  | { readonly kind: 'unanswered'; readonly text: string };

/** Reads the body of a good answer. */
export type ReadBody<T> = (body: JsonObject) => Reading<T>;

/**
 * The API gave no usable answer. The reason contains no key, so it may be shown to people and logged. The status is
 * that of the last answer; null if there was no complete answer.
 */
export interface ApiFailure {
  readonly outcome: 'failed';
  readonly reason: string;
  readonly status: number | null;
}

/** The answer of the API, parsed and checked to be of the requested kind. */
export type ApiAnswer<T> = { readonly outcome: 'ok'; readonly body: T } | ApiFailure;

/** Statuses of a server that is busy or away; null: there was no complete answer. */
const passing: ReadonlySet<number | null> = new Set([null, 429, 502, 503, 504]);

/**
 * Returns true if a failure is the API's refusal of what was requested. A timeout, a lost connection and a busy server
 * say nothing about that.
 */
export function isRefusal({ status }: Pick<ApiFailure, 'status'>): boolean {
  return !passing.has(status);
}

/** An unclear answer: a retry may help, after the requested wait, if any. */
export interface Unclear {
  readonly outcome: 'unclear';
  readonly reason: string;
  readonly waitMs: number | null;
  readonly status: number | null;
}

/** Longest delay before the next attempt, ms. */
export const longestWaitMs = 60_000;

/** Returns the answer, or the reason to retry and the requested wait. `say`: makes text of the server fit to be shown. */
export function readExchange<T>(
  exchange: Exchange,
  read: ReadBody<T>,
  say: (text: string) => string,
): ApiAnswer<T> | Unclear {
  if (exchange.kind === 'unanswered') return { outcome: 'unclear', reason: exchange.text, waitMs: null, status: null };
  const { status, text, retryAfterMs } = exchange;
  const body = parsed(text);
  const isOk = status >= 200 && status < 300;
  const found = isOk && body !== null ? read(body) : null;
  if (found?.outcome === 'read') return { outcome: 'ok', body: found.value };
  // Some of its errors are JSON, others are HTML pages of 100 kB.
  const detail = body === null ? null : (textOf(body.detail) ?? textOf(body.error));
  const rest = detail !== null ? `: ${say(detail)}` : body === null ? ', which is not JSON' : ` ${found?.what ?? ''}`;
  const reason = `the API answered ${status}${rest}`.trimEnd();
  if (status === 429) {
    const waitMs = Math.min(longestWaitMs, boundedWait(retryAfterMs ?? longestWaitMs));
    return { outcome: 'unclear', reason, status, waitMs };
  }
  const mayHelp = status >= 500 || status < 300;
  return mayHelp ? { outcome: 'unclear', reason, waitMs: null, status } : { outcome: 'failed', reason, status };
}

function parsed(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? objectOf(value) : null;
  } catch {
    return null;
  }
}
