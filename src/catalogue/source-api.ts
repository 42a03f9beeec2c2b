import type { Network } from '../http/network.ts';
import type { Secret } from '../secrets/secret.ts';
import type { JsonObject } from '../text/json.ts';
import type { Clock } from '../time/clock.ts';
import type { EventObject } from '../words.ts';
import type { Catalogue, ModelInfo } from './catalogue.ts';
import type { AskedPost, FetchedPosts, FetchedSite } from './fetched-post.ts';

/** Everything that a client of a source's API needs. */
export interface ApiAccess {
  /** Base URL without a slash at the end: `https://metasmoke.erwaysoftware.com/api`. */
  readonly api: string;
  readonly key: Secret;
  readonly network: Network;
  readonly clock: Clock;
  /** Called when the API starts to return less than it could, or only slowly: the reason, and a line for the log. */
  readonly onLess: (reason: string, line: string) => void;
}

/** Rows of one model from the API. */
export type Listed = { readonly rows: readonly JsonObject[] } & (
  | { readonly outcome: 'all' }
  /** There may be more: a page had no answer, or an unusable one. Another reading may succeed. */
  | { readonly outcome: 'failed'; readonly reason: string }
  /** There are more rows than are ever read. */
  | { readonly outcome: 'tooMany'; readonly reason: string }
);

/** The age of a row relative to the requested time; `unclear`: the row has no time. */
export type Age = 'old' | 'new' | 'unclear';

/** Lists the rows of a model from the newest back to the first old row. */
export type ListRows = (model: ModelInfo, ageOf: (row: JsonObject) => Age, signal: AbortSignal) => Promise<Listed>;

/** Reads missed rows. */
export interface RowReader {
  readonly listRows: ListRows;
  /**
   * Time by which our wall clock is ahead of the server's, ms, according to its last answer; 0 if unknown or less than
   * a second.
   */
  readonly aheadMs: number;
  close(): void;
}

/** The newest ping of a detector that the API knows. */
export interface FetchedPing {
  /** The id of the detector's row. */
  readonly id: string;
  /** Columns of its row. */
  readonly row: EventObject;
}

/** Reads the newest pings of the detectors. */
export interface PingReader {
  /** Returns the detectors with a known ping; null: the API gave no usable answer. */
  read(signal: AbortSignal): Promise<readonly FetchedPing[] | null>;
  close(): void;
}

export interface PingAccess extends Omit<ApiAccess, 'onLess'> {
  readonly catalogue: Catalogue;
}

export interface DetailsAccess extends ApiAccess {
  readonly catalogue: Catalogue;
  /** Resolves when one more request may be made. */
  readonly admit: (signal: AbortSignal) => Promise<void>;
  /** Returns true if the site is unknown or its details are older than a day. */
  readonly needsSite: (id: number) => Promise<boolean>;
}

/** Fetches details of posts. */
export interface DetailsReader {
  readonly fetch: FetchDetails;
  readonly fetchNames: FetchNames;
  /** Fetches all sites; returns null if the API gave no usable answer. */
  readonly fetchSites: (signal: AbortSignal) => Promise<readonly FetchedSite[] | null>;
  close(): void;
}

/** Ids of users and sites. */
export interface AskedNames {
  readonly users: readonly string[];
  readonly sites: readonly string[];
}

/** The names of users by id, and sites; those that the API does not have are missing. */
export interface FetchedNames {
  readonly users: ReadonlyMap<string, string>;
  readonly sites: readonly FetchedSite[];
}

/** Fetches the names of users and sites; returns the reason if the API gave no usable answer. */
export type FetchNames = (asked: AskedNames, signal: AbortSignal) => Promise<FetchedNames | string>;

/**
 * Fetches posts and passes them on in one or several parts, as they arrive. Returns the reason why not all could be
 * requested, or null; then a post that was not passed on is unknown to the API.
 */
export type FetchDetails = (
  asked: readonly AskedPost[],
  onFetched: (fetched: FetchedPosts) => Promise<void>,
  signal: AbortSignal,
) => Promise<string | null>;
