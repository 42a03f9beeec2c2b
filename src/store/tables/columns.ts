/** Unix milliseconds. */
export type Instant = number;
/** JSON text. */
export type JsonText = string;
