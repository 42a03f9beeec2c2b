/** Returns the values in their order, at most `size` at a time. */
export function* inBatches<T>(all: readonly T[], size: number): Iterable<readonly T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}
