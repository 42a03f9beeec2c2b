/** What metasmoke's API says of a post beyond what its events do. Null: not known yet, or not asked for. */
export interface PostDetails {
  readonly site: {
    readonly name: string;
    /** `apple.stackexchange.com` */
    readonly domain: string | null;
    /** Where its icon is; shown only where that is a trusted host. */
    readonly logo: string | null;
  } | null;
  readonly reasons: readonly { readonly name: string; readonly weight: number }[] | null;
  /** Who flagged, by the id of the flag log. */
  readonly flaggers: Readonly<Record<string, string>>;
}

/** What the reasons of a post weigh together; null where they are not known. */
export function weightOf({ reasons }: Pick<PostDetails, 'reasons'>): number | null {
  return reasons === null ? null : reasons.reduce((sum, { weight }) => sum + weight, 0);
}

export const noDetails: PostDetails = { site: null, reasons: null, flaggers: {} };
