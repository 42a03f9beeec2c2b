/** Largest number of parts in a text. More do not help the reader. */
const mostParts = 8;

/** Joins the parts of several reasons with `; `, each part once. Returns null if there are none. */
export function joinTexts(...texts: readonly (string | null)[]): string | null {
  const parts = [...new Set(texts.flatMap((text) => text?.split('; ') ?? []))];
  if (parts.length === 0) return null;
  const rest = parts.length - mostParts;
  return rest > 0 ? [...parts.slice(0, mostParts), '…'].join('; ') : parts.join('; ');
}
