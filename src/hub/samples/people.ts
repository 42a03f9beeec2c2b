/** A reviewer of posts. Invented, like the numbers. */
export interface Reviewer {
  readonly name: string;
  /** Id on metasmoke; null if metasmoke does not know the chat account. */
  readonly userId: number | null;
  readonly chatId: number;
}

/** Ids on the sites are far above any that exist, so that no link here leads to a real person. */
export const farAbove = 9_000_000_000;

export const reviewers = {
  marlow: { name: 'Marlow', userId: 101, chatId: farAbove + 1 },
  tindra: { name: 'tindra_k', userId: 102, chatId: farAbove + 2 },
  okapi: { name: 'Quiet Okapi', userId: 103, chatId: farAbove + 3 },
  bex: { name: 'Bex & Söhne <3', userId: null, chatId: farAbove + 4 },
  juniper: { name: 'juniper', userId: 104, chatId: farAbove + 5 },
} as const satisfies Readonly<Record<string, Reviewer>>;
