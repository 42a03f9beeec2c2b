/** Returns how many of the first lengths fit together in `limit`; at least one. */
export function countWithin(lengths: readonly number[], limit: number): number {
  let left = limit;
  const end = lengths.findIndex((length) => {
    left -= length;
    return left < 0;
  });
  return end < 0 ? lengths.length : Math.max(1, end);
}
