/** A JSON object of a foreign server, nothing in it checked yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** `value` where it is an object, else an empty one: foreign JSON is walked without a check at every step. */
export function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** `value` where it is an array, else an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Unix milliseconds of a time that is written as text; null for what is none. */
export function timeOf(value: unknown): number | null {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

/** `value` where it is a text, else null. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
