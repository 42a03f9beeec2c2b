import type { JsonObject } from '../../text/json.ts';

/** A post that the API is asked for. */
export interface AskedPost {
  readonly id: string;
  /** Its link as stored (`//stackoverflow.com/a/1`); null where it is not known. */
  readonly link: string | null;
  /** Whether its long texts are wanted too, which may have megabytes. */
  readonly texts: 'with' | 'without';
  /** What is wanted of it beside its row. GraphQL gives all of it at once. */
  readonly wants: ReadonlySet<'site' | 'reasons' | 'feedbacks' | 'flags'>;
}

export interface FetchedSite {
  readonly id: number;
  readonly name: string;
  readonly domain: string | null;
  /** Where its icon is. */
  readonly logo: string | null;
}

/** What the API says of a post. Rows have columns of their tables alone; null: not told. */
export interface FetchedPost {
  readonly id: string;
  readonly row: JsonObject;
  readonly siteId: number | null;
  readonly reasons: readonly { readonly name: string; readonly weight: number }[] | null;
  /** All that stand. */
  readonly feedbacks: readonly JsonObject[] | null;
  readonly flagLogs: readonly JsonObject[] | null;
  readonly deletionLogs: readonly JsonObject[] | null;
  /** Who flagged: by the id of the flag log (GraphQL), or by the id of the user (REST). */
  readonly flaggers: { readonly by: 'flag log' | 'user'; readonly names: ReadonlyMap<string, string> };
  /** False where a part that was wanted could not be had. */
  readonly isWhole: boolean;
}

/** What was fetched together: posts that the API does not know (yet) are not among them. `problem`: why there may be more. */
export interface FetchedPosts {
  readonly posts: readonly FetchedPost[];
  readonly sites: readonly FetchedSite[];
  readonly problem: string | null;
}
