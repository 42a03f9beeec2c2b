/** The details of a card that metasmoke's API has and its events do not. */
export const detailNames = ['site', 'reasons', 'feedbacks', 'flags'] as const;
export type DetailName = (typeof detailNames)[number];
