/** "In the past few minutes" says Discord (https://docs.discord.com/developers/resources/message#create-message); three, as a choice. */
const rememberedForMs = 180_000;

/** What was made with which nonce, in which channel. A nonce outlives its message. */
export function createNonces<T>(now: () => number) {
  const known = new Map<string, { readonly at: number; readonly made: T }>();
  return {
    find(channel: string, nonce: string): T | undefined {
      const found = known.get(`${channel} ${nonce}`);
      return found !== undefined && now() - found.at < rememberedForMs ? found.made : undefined;
    },
    remember(channel: string, nonce: string, made: T): void {
      known.set(`${channel} ${nonce}`, { at: now(), made });
    },
  };
}
