/**
 * metasmoke's `filter` parameter: one bit for each field that the API can give, in the order of `GET /api/filter_fields`, the
 * first most significant; the number in decimal, each digit as a letter (0 → F, 9 → O). Measured against its own code.
 * Null where nothing would be asked for: an empty filter makes the API fail.
 */
export function encodeFilter(order: readonly string[], wanted: ReadonlySet<string>): string | null {
  let number = 0n;
  for (const field of order) number = (number << 1n) | (wanted.has(field) ? 1n : 0n);
  if (number === 0n) return null;
  return number.toString().replaceAll(/\d/g, (digit) => String.fromCharCode('F'.charCodeAt(0) + Number(digit)));
}
