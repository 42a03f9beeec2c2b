import type { JsonObject } from '../../text/json.ts';

/**
 * Converts a row of GraphQL to the format of events: GraphQL has ids as text, and times without milliseconds
 * (`2025-07-02T17:40:00Z`).
 */
export function nativeRow(row: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value !== 'string'
        ? value
        : name === 'id' || name.endsWith('_id')
          ? (numberOf(value) ?? value)
          : /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value)
            ? value.replace('Z', '.000Z')
            : value,
    ]),
  );
}

/** Returns an id given as text as a number, or null if it is not a safe integer. */
export function numberOf(id: unknown): number | null {
  if (typeof id === 'number') return Number.isSafeInteger(id) ? id : null;
  return typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : null;
}
