import type { Generated } from 'kysely';
import type { EventType, Origin, Role } from '../../words.ts';
import type { Instant, JsonText } from './columns.ts';

/**
 * `failed`: our own code failed on it; `retry`: the operator requested another attempt, which the running process
 * makes; `dropped`: the operator gave it up.
 */
export type StoredEventState = 'routed' | 'failed' | 'retry' | 'dropped';

/** One event as received, with its identity (promise 2). */
export interface EventsTable {
  readonly id: Generated<number>;
  readonly source: string;
  readonly model: string;
  readonly class: string;
  readonly role: Role | null;
  readonly row_id: string | null;
  readonly type: EventType;
  readonly subject: string;
  readonly updated_at: string | null;
  readonly received_at: Instant;
  readonly origin: Origin;
  /** The row as JSON, without its long texts (`longTexts`). Queries never look into it (`objectColumns`). */
  readonly object: JsonText;
  /** The long texts of the row by their names; null: it has none. */
  readonly texts: JsonText | null;
  /** The names of the long texts, with spaces between them; null: it has none. */
  readonly text_names: string | null;
  /** `row_id` as a number; null if it is not a number of at most 15 digits. */
  readonly row_number: number | null;
  /** The row's `created_at`; null if it has none. */
  readonly made_at: Instant | null;
  /** The id of the detector that a statistic is about. */
  readonly detector: number | null;
  /** The requests that a detector has left today, by a statistic. */
  readonly quota: number | null;
  /** The id of the review item that a review result is about. */
  readonly review_item: string | null;
  /** The id of the row's user, and the name if the row has it. */
  readonly user_id: number | null;
  readonly user_name: string | null;
  /** The identity by which duplicates are dropped; null after it was forgotten. Unique. */
  readonly identity: string | null;
  /** Time at which the identity is forgotten; null: never. */
  readonly forget_at: Instant | null;
  readonly state: StoredEventState;
  readonly failure: string | null;
  /** Id of the event from which a derived event was derived; null if it was derived from the time alone. */
  readonly trigger_id: number | null;
}

/** A Stack Exchange site from metasmoke's API. */
export interface SitesTable {
  readonly id: number;
  readonly name: string;
  readonly domain: string | null;
  /** URL of its icon. */
  readonly logo: string | null;
  readonly fetched_at: Instant;
}

/** The name of a user of metasmoke, as an event or the API told it. */
export interface UserNamesTable {
  readonly id: string;
  /** Null: the API does not have the user. */
  readonly name: string | null;
}

/** Details of a post from metasmoke's API that its events do not contain. */
export interface PostDetailsTable {
  readonly subject: string;
  readonly site_id: number | null;
  /** A list of `{name, weight}`; null: not in the answer. */
  readonly reasons: JsonText | null;
  /** Names of the users who flagged, by the id of the flag log. */
  readonly flaggers: JsonText;
  readonly fetched_at: Instant;
  /** Domains in the body, a list of `{name, tags}`; null: not in the answer. */
  readonly domains: JsonText | null;
  /** Time of the newest request whose answer had the flags; null: none had. */
  readonly flags_at: Instant | null;
  /** Time at which the API denied a post that it should have had; null: it did not. */
  readonly absent_at: Instant | null;
}

/** A post whose details, or a user or a site whose name, is to be fetched from the API. */
export interface WantedDetailsTable {
  readonly subject: string;
  /** The requested details: a list of `site`, `reasons`, `feedbacks`, `flags`, `post`; `name` of a user or a site. */
  readonly names: JsonText;
  readonly due_at: Instant;
  readonly tries: number;
  /** Time of the request. */
  readonly since: Instant;
}

/** The link of a reported post. Reports with equal links are twins, which have one state. */
export interface PostLinksTable {
  readonly subject: string;
  /** Without its protocol: `//stackoverflow.com/a/1`. */
  readonly link: string;
}

/** The author of a reported post. */
export interface PostAuthorsTable {
  readonly subject: string;
  /** By the link of their profile: `stackoverflow.com/users/5`. */
  readonly author: string;
  /** The id of the report, by which the newest is found. */
  readonly post_number: number;
}

/** The state of a post with more events than are read at once, folded up to one of them. */
export interface PostFoldsTable {
  readonly subject: string;
  /** The id of the last event in the fold. */
  readonly through_event: number;
  /** Numbers of rows by kind (`Counts`). */
  readonly counts: JsonText;
  /** The arrival of its report (`Report`); null: none arrived. */
  readonly report: JsonText | null;
  readonly changed_at: Instant;
}

/** A row that belongs to a post with a fold. */
export interface PostRowsTable {
  readonly subject: string;
  readonly role: Role;
  readonly row_id: string;
  /** The known values of its columns (`Layers`). */
  readonly layers: JsonText;
  readonly is_destroyed: 0 | 1;
  readonly first_at: Instant;
  /** Rows of a post are ordered by the time they were made, then by their ids, as numbers if possible, then as texts. */
  readonly made_at: Instant;
  readonly row_number: number;
  /** The kind that it counts as (`Kind`), unless its person has a newer one; null: it does not count. */
  readonly kind: string | null;
  /** The person who gave the feedback, while it has a kind; null if it is not a feedback. */
  readonly person: string | null;
  /** 1: it counts. */
  readonly counts: 0 | 1;
}

/** The tables of events and of the known facts about posts. */
export interface EventTables {
  readonly events: EventsTable;
  readonly sites: SitesTable;
  readonly user_names: UserNamesTable;
  readonly post_details: PostDetailsTable;
  readonly wanted_details: WantedDetailsTable;
  readonly post_links: PostLinksTable;
  readonly post_authors: PostAuthorsTable;
  readonly post_folds: PostFoldsTable;
  readonly post_rows: PostRowsTable;
}
