import type { Remedy } from '../text/remedy.ts';
import type { Event, Origin, SentType } from '../words.ts';
import type { Catalogue, ModelInfo } from './catalogue.ts';
import type { ApiAccess, DetailsAccess, DetailsReader, PingAccess, PingReader, RowReader } from './source-api.ts';

/**
 * A kind of server that sends events: its models, how its messages are read, which links lead to it, and what
 * its API can be asked. How it is connected to is in `inputs/`.
 */
export interface SourceKind {
  /** Its name in the configuration: `metasmoke`. A lower-case word. */
  readonly name: string;
  /** An event spec as an example, for messages and descriptions: `posts#create`. */
  readonly example: string;
  /** Event specs: what goes first to a room that is behind, unless the configuration says otherwise. */
  readonly priority: readonly string[];
  readonly links: SourceLinks;
  /** Reads the address of a server, as the configuration has it; never `demo`. */
  readUrl(written: string): UrlRead;
  /** Returns its models, and those of `extraModels` (the configuration's `source.models`, for other servers of this kind). */
  createCatalogue(extraModels: readonly string[]): Catalogue;
  /**
   * Reads one message, given as parsed JSON of any shape, and drops private columns before any other code sees the row.
   * Never throws on JSON.
   */
  decode(message: unknown, context: DecodeContext): Decoded;
  /** Returns the message that `decode` reads for a row that was fetched. */
  messageOf(type: SentType, model: ModelInfo, row: object): unknown;
  /** Creates the reader of rows that were missed. */
  createRowReader(access: ApiAccess): RowReader;
  /** Creates the reader of details of posts. */
  createDetailsReader(access: DetailsAccess): DetailsReader;
  /** Creates the reader of the newest pings of detectors; null if the API does not list them. */
  createPingReader(access: PingAccess): PingReader | null;
  /** Returns the known part of a message that our own code failed on: no column of it but the id, since some are private. */
  salvage(message: unknown, told: Pick<Event, 'source' | 'receivedAt' | 'origin'>): Event;
}

/** `doubts` are warnings. */
export type UrlRead =
  | { readonly outcome: 'url'; readonly url: string; readonly doubts: readonly Remedy[] }
  | ({ readonly outcome: 'problem' } & Remedy);

/** The links to a source and to what it is about. */
export interface SourceLinks {
  /** Returns the source's page for an event: the page of its post, if it leads to one. Null: there is none. */
  pageOf(event: Event): string | null;
  /** Returns the source's page of a post, or null for another subject. */
  postPage(subject: string): string | null;
  /** Returns true if a URL from a row may be shown as a link. */
  isTrusted(url: string): boolean;
  /** Reads a link that a person wrote, whole or without its scheme; null if it leads neither to the source nor to what it is about. */
  read(text: string): Reference | null;
}

/** A page that a person means by a link. */
export type Reference =
  /** The source's own page of a row. */
  | { readonly kind: 'subject'; readonly subject: string }
  /**
   * A post that may be reported: `answer 2 on stackoverflow.com`. `links`: the forms in which its link may be stored, as
   * `linkKeyOf` returns them; behind each of them a name may follow.
   */
  | { readonly kind: 'link'; readonly what: string; readonly links: readonly string[] }
  /** A page that is about no post: `a page of the chat`. */
  | { readonly kind: 'other'; readonly what: string };

/**
 * The result of decoding a message. A message is `ignored` if Lookout does not request its kind. `reason`
 * describes the error without quoting the row.
 */
export type Decoded =
  | { readonly outcome: 'event'; readonly event: Event }
  | { readonly outcome: 'ignored' }
  | { readonly outcome: 'malformed'; readonly reason: string };

export interface DecodeContext {
  /** The source's configured name. */
  readonly source: string;
  /** Unix milliseconds. */
  readonly receivedAt: number;
  readonly origin: Origin;
  readonly catalogue: Catalogue;
  /** Returns the domain of a site by its id; null: not known. */
  readonly siteOf: (id: number) => string | null;
}
