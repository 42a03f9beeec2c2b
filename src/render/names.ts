/**
 * The fields of `event` in a template's context. `happened_at` is null if the API did not tell the time of a fetched row,
 * `url` is metasmoke's page, null if there is none.
 */
export const eventFields = ['type', 'class', 'model', 'happened_at', 'received_at', 'backfilled', 'url'] as const;

/** The fields of `room`. */
export const roomFields = ['name', 'platform', 'timezone'] as const;

/** The fields of `card`, which is null in every message except a card. */
export const cardFields = [
  ...([
    'state',
    'over',
    'edited',
    'undeleted',
    'deleted_after',
    'uncertainty',
    'verdict',
    'disputed',
    'tp',
    'tpu',
    'tp_alone',
    'fp',
    'naa',
    'ignore',
  ] as const),
  ...([
    'voted_after',
    'autoflagged',
    'autoflagged_after',
    'not_autoflagged',
    'flaggers',
    'flags',
    'failed_flags',
    'dry_runs',
  ] as const),
  ...(['reasons', 'weight', 'domains', 'comments', 'review'] as const),
] as const;

/** The names in a template's context for the details of a card's subject; null in every other message. */
export const cardNames = [
  ...(['feedbacks', 'flag_logs', 'deletion_logs', 'post_comments', 'review_results'] as const),
  ...(['reasons', 'card'] as const),
] as const;

/**
 * The names in a template's context for what the store knows about an event beside its row: the post, its site, the
 * other reports of its author, the rows that `object` names by their ids, and the names of those who flagged.
 */
export const relatedNames = ['post', 'site', 'author', 'related', 'flaggers'] as const;
export type RelatedName = (typeof relatedNames)[number];

/** The names of a template's context. */
export const contextNames = [
  ...(['event', 'object', 'subject', 'room'] as const),
  ...relatedNames,
  ...cardNames,
] as const;

/** Handlebars' own names that begin with an at sign. */
export const dataNames = ['root', 'index', 'key', 'first', 'last'] as const;
