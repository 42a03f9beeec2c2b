/** A JSON object of a homeserver, nothing in it checked yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * One request and what came of it.
 *
 * - `ok`: a 2xx with a JSON object.
 * - `refused`: any other answer. `code` is Matrix's own (`M_FORBIDDEN`), null where the answer is not a homeserver's.
 * - `unanswered`: no whole answer. `written` is false where certainly no byte of the request left this machine.
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
    }
  | { readonly kind: 'unanswered'; readonly written: boolean; readonly text: string };

/** An exchange that did not go well. */
export type Failure = Exclude<Exchange, { kind: 'ok' }>;

/** `value` where it is an object, else an empty one: foreign JSON is walked without a check at every step. */
export function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** `value` where it is an array, else an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** `value` where it is a text, else null. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
