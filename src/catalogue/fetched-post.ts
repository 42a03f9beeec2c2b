import type { JsonObject } from '../text/json.ts';

/** A post to be fetched. */
export interface AskedPost {
  readonly id: string;
  /** Its link as stored (`//stackoverflow.com/a/1`); null if unknown. */
  readonly link: string | null;
  /** `with`: fetch its long texts too, which may have megabytes. */
  readonly texts: 'with' | 'without';
  /** The parts to fetch besides its row. GraphQL returns all of them at once. */
  readonly wants: ReadonlySet<'site' | 'reasons' | 'feedbacks' | 'flags'>;
}

export interface FetchedSite {
  readonly id: number;
  readonly name: string;
  readonly domain: string | null;
  /** URL of its icon. */
  readonly logo: string | null;
}

/** A post as the API returned it. Rows have only columns of their tables; null: not in the answer. */
export interface FetchedPost {
  readonly id: string;
  readonly row: JsonObject;
  readonly siteId: number | null;
  readonly reasons: readonly { readonly name: string; readonly weight: number }[] | null;
  /** The domains in its body, and their tags if the API has them; null: not in the answer. */
  readonly domains: readonly { readonly name: string; readonly tags: readonly string[] }[] | null;
  /** All that are neither deleted nor invalidated. */
  readonly feedbacks: readonly JsonObject[] | null;
  readonly flagLogs: readonly JsonObject[] | null;
  readonly deletionLogs: readonly JsonObject[] | null;
  /** True if the answer says by whom it was flagged, or that it was not. */
  readonly knowsFlags: boolean;
  /** Names of the users who flagged, by the id of the flag log (GraphQL) or of the user (REST). */
  readonly flaggers: { readonly by: 'flag log' | 'user'; readonly names: ReadonlyMap<string, string> };
  /** False if a requested part could not be fetched. */
  readonly isWhole: boolean;
}

/**
 * The posts of one request. Posts that the API does not know (yet) are missing. `problem`: the reason why the answer
 * may be incomplete.
 */
export interface FetchedPosts {
  readonly posts: readonly FetchedPost[];
  readonly sites: readonly FetchedSite[];
  readonly problem: string | null;
}
