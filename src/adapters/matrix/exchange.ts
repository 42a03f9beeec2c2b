import type { JsonObject } from '../../text/json.ts';

/**
 * One request and what came of it.
 *
 * - `ok`: a 2xx with a JSON object.
 * - `refused`: any other answer. `code` is Matrix's own (`M_FORBIDDEN`), null if the answer is not a homeserver's.
 * - `unanswered`: no whole answer. `written` is false if certainly no byte of the request left this machine.
 *
 * The texts are fit for people and logs: one line, bounded, without the token.
 */
export type Exchange =
  | { readonly kind: 'ok'; readonly body: JsonObject }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly code: string | null;
      readonly text: string;
      readonly retryAfterMs: number | null;
      /** If the access token was refused: what to do with it. */
      readonly remedy?: string;
      /** If the homeserver wants to be sure that it is the account's owner: what it takes for that. */
      readonly proof?: Proof;
    }
  | { readonly kind: 'unanswered'; readonly written: boolean; readonly text: string };

/** An exchange that did not go well. */
export type Failure = Exclude<Exchange, { kind: 'ok' }>;

/** https://spec.matrix.org/v1.18/client-server-api/#user-interactive-authentication-api */
export interface Proof {
  readonly session: string | null;
  /** One of them will do, with all its stages: `m.login.password`. */
  readonly flows: readonly (readonly string[])[];
  /** The page on which the owner allows it; null: there is none. */
  readonly approveAt: string | null;
}
