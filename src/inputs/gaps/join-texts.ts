/** More than so many parts say nothing more to anybody. */
const mostParts = 8;

/** Joins reasons that each have one or more parts, with `; ` between them: each part once. Null where there are none. */
export function joinTexts(...texts: readonly (string | null)[]): string | null {
  const parts = [...new Set(texts.flatMap((text) => text?.split('; ') ?? []))];
  if (parts.length === 0) return null;
  const rest = parts.length - mostParts;
  return rest > 0 ? [...parts.slice(0, mostParts), '…'].join('; ') : parts.join('; ');
}
