/** What can be asked of metasmoke's API for a card beyond its events. */
export const detailNames = ['site', 'reasons', 'feedbacks', 'flags'] as const;
export type DetailName = (typeof detailNames)[number];
