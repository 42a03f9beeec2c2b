/** The fields of `event` in a template's context. `url` is metasmoke's page, null if there is none. */
export const eventFields = ['type', 'class', 'model', 'received_at', 'backfilled', 'url'] as const;

/** The fields of `room`. */
export const roomFields = ['name', 'platform', 'timezone'] as const;

/** The fields of `card`, which is null in every message except a card. */
export const cardFields = [
  ...([
    'state',
    'over',
    'undeleted',
    'deleted_after',
    'uncertainty',
    'verdict',
    'disputed',
    'tp',
    'fp',
    'naa',
  ] as const),
  ...(['voted_after', 'autoflagged', 'autoflagged_after', 'flaggers', 'flags', 'failed_flags', 'dry_runs'] as const),
  ...(['reasons', 'weight', 'comments', 'review'] as const),
] as const;

/** The names in a template's context for the details of a card's subject; null in every other message. */
export const cardNames = [
  ...(['post', 'feedbacks', 'flag_logs', 'deletion_logs', 'post_comments', 'review_results'] as const),
  ...(['site', 'reasons', 'card'] as const),
] as const;

/** The names of a template's context. */
export const contextNames = [...(['event', 'object', 'subject', 'room'] as const), ...cardNames] as const;

/** Handlebars' own names that begin with an at sign. */
export const dataNames = ['root', 'index', 'key', 'first', 'last'] as const;
