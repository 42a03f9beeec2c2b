/** Returns the values in their order, at most `most` at a time. */
export function* slices<T>(all: readonly T[], most: number): Iterable<readonly T[]> {
  for (let at = 0; at < all.length; at += most) yield all.slice(at, at + most);
}
