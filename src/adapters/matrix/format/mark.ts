/** The field of an event's content that holds the key of the send that made it, so that it can be found again. */
export const markField = 'lookout.key';
