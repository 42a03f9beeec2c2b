/** The field of an event's content that holds the key of the send that made it, so that it can be found again. */
export const markField = 'lookout.key';

/** The field that holds the link to metasmoke of what a message shows: it remains if the homeserver refuses the text. */
export const linkField = 'lookout.link';
