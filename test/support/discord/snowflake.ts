/** Epoch of Discord's ids, the first second of 2015: https://docs.discord.com/developers/reference#snowflakes */
const epoch = 1_420_070_400_000n;

/**
 * Creates rising ids that contain their time: milliseconds since 2015 above 22 bits that distinguish ids of one
 * millisecond.
 */
export function createSnowflakes(now: () => number): () => string {
  let last = 0n;
  return () => {
    const earliest = (BigInt(Math.floor(now())) - epoch) << 22n;
    last = earliest > last ? earliest : last + 1n;
    return String(last);
  };
}

/** Returns the time in an id: Unix milliseconds. */
export const timeOf = (id: string): number => Number((BigInt(id) >> 22n) + epoch);

/** Returns true if a text has the form of an id: 64 bits, decimal. */
export const isSnowflake = (text: string): boolean => /^\d{1,20}$/.test(text) && BigInt(text) < 1n << 64n;
