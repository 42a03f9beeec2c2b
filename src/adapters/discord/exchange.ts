/** The owner of the limit that a 429 is about (`X-RateLimit-Scope`, https://discord.com/developers/docs/topics/rate-limits#header-format). */
export type LimitScope = 'user' | 'shared' | 'global';

/**
 * One request and what came of it.
 *
 * - `ok`: a 2xx with JSON; of a 204, which has none, null.
 * - `refused`: any other answer. `isDiscords` is false if it is not in Discord's form: a proxy's, or Cloudflare's.
 * - `held`: not sent by our own doing, since Discord would have refused it: a bucket is empty, or too many requests were invalid.
 * - `unanswered`: no whole answer. `written` is false if certainly no byte of the request left this machine.
 *
 * The texts are fit for people and logs: one line, bounded, without the token.
 */
export type Exchange =
  | { readonly kind: 'ok'; readonly body: unknown }
  | Refused
  | Held
  | { readonly kind: 'unanswered'; readonly written: boolean; readonly text: string };

export interface Refused {
  readonly kind: 'refused';
  readonly status: number;
  readonly isDiscords: boolean;
  /** Discord's own code (https://discord.com/developers/docs/topics/opcodes-and-status-codes#json); 0 is its "general". */
  readonly code: number | null;
  readonly text: string;
  /** Null if the answer does not say. */
  readonly scope: LimitScope | null;
  readonly retryAfterMs: number | null;
  /** If the bot's token was refused: what to do with it. */
  readonly remedy?: string;
}

export interface Held {
  readonly kind: 'held';
  readonly scope: 'room' | 'account';
  readonly waitMs: number;
  readonly text: string;
}

/** An exchange that did not go well. */
export type Failure = Exclude<Exchange, { kind: 'ok' }>;

/** `value` where it is a Discord id (17 to 20 digits), else null. */
export function idOf(value: unknown): string | null {
  return typeof value === 'string' && /^\d{17,20}$/.test(value) ? value : null;
}
