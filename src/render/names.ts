/** The fields of `event` in a template's context. `url` is metasmoke's page, null where there is none. */
export const eventFields = ['type', 'class', 'model', 'received_at', 'backfilled', 'url'] as const;

/** The fields of `room`. */
export const roomFields = ['name', 'platform', 'timezone'] as const;

/**
 * The names that a template's context has; those of the second line are what is known about the subject when the
 * details are on, and null otherwise.
 */
export const contextNames = [
  ...(['event', 'object', 'subject', 'room'] as const),
  ...(['post', 'feedbacks', 'flag_logs', 'deletion_logs', 'site', 'reasons'] as const),
] as const;

/** Handlebars' own names that begin with an at sign. */
export const dataNames = ['root', 'index', 'key', 'first', 'last'] as const;
