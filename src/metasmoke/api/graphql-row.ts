import type { JsonObject } from '../../text/json.ts';

/** A row of GraphQL's as the events have it: its ids are texts there, and its times without milliseconds (`2025-07-02T17:40:00Z`). */
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

/** An id that is given as text; null for what is none that a number holds. */
export function numberOf(id: unknown): number | null {
  if (typeof id === 'number') return Number.isSafeInteger(id) ? id : null;
  return typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : null;
}
