/** The first second of 2015, where Discord's ids begin: https://docs.discord.com/developers/reference#snowflakes */
const epoch = 1_420_070_400_000n;

/** Ids that rise, each telling when it was made: milliseconds since 2015 above 22 bits that tell ids of one millisecond apart. */
export function createSnowflakes(now: () => number): () => string {
  let last = 0n;
  return () => {
    const earliest = (BigInt(Math.floor(now())) - epoch) << 22n;
    last = earliest > last ? earliest : last + 1n;
    return String(last);
  };
}

/** When the thing with this id was made: Unix milliseconds. */
export const timeOf = (id: string): number => Number((BigInt(id) >> 22n) + epoch);

/** Whether a text can be an id at all: 64 bits, decimal. */
export const isSnowflake = (text: string): boolean => /^\d{1,20}$/.test(text) && BigInt(text) < 1n << 64n;
