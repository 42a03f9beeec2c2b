/**
 * Time for which a nonce is remembered, ms. Discord says "the past few minutes"
 * (https://docs.discord.com/developers/resources/message#create-message); three is a choice.
 */
const rememberedForMs = 180_000;

/**
 * Remembers which message was made with which nonce in which channel. A nonce outlives its message, and the first
 * message with it counts.
 */
export function createNonces<T>(now: () => number) {
  const known = new Map<string, { readonly at: number; readonly made: T }>();
  const find = (channel: string, nonce: string): T | undefined => {
    const found = known.get(`${channel} ${nonce}`);
    return found !== undefined && now() - found.at < rememberedForMs ? found.made : undefined;
  };
  return {
    find,
    remember(channel: string, nonce: string, made: T): void {
      if (find(channel, nonce) === undefined) known.set(`${channel} ${nonce}`, { at: now(), made });
    },
  };
}
