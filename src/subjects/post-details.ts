/** Details of a post from metasmoke's API that its events do not contain. Null: not known yet, or not requested. */
export interface PostDetails {
  readonly site: {
    readonly name: string;
    /** `apple.stackexchange.com` */
    readonly domain: string | null;
    /** URL of its icon; shown only if its host is trusted. */
    readonly logo: string | null;
  } | null;
  readonly reasons: readonly { readonly name: string; readonly weight: number }[] | null;
  /** Domains in its body, with their tags. */
  readonly domains: readonly { readonly name: string; readonly tags: readonly string[] }[] | null;
  /** When its flags were requested last, of the answers that had them, Unix milliseconds. */
  readonly flagsAt: number | null;
  /** Names of the users who flagged, by the id of the flag log. */
  readonly flaggers: Readonly<Record<string, string>>;
  /**
   * True if the API has no such post, although there was an event of it: metasmoke sends events before their
   * transaction ends, and one that fails leaves no row.
   */
  readonly isAbsent: boolean;
}

/** Returns the total weight of a post's reasons; null if they are unknown. */
export function weightOf({ reasons }: Pick<PostDetails, 'reasons'>): number | null {
  return reasons === null ? null : reasons.reduce((sum, { weight }) => sum + weight, 0);
}

export const noDetails: PostDetails = {
  site: null,
  reasons: null,
  domains: null,
  flagsAt: null,
  flaggers: {},
  isAbsent: false,
};
