/** Age of a detector's newest ping above which it is down, seconds (metasmoke's own limit). */
export const silentAfterSeconds = 180;
