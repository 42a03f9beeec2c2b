/** An unchecked JSON object from a foreign server. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Returns `value` if it is an object, otherwise an empty one, so that foreign JSON can be read without a check at every
 * step.
 */
export function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** Returns `value` if it is an array, otherwise an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Returns Unix milliseconds of a time in text form; null if it is not a time. */
export function timeOf(value: unknown): number | null {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

/** Returns `value` if it is a text, otherwise null. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
