/** Most messages that are planned at once. */
const MOST = 32;
/** Time within which messages that were planned together should be sent, ms: a mute or a vote meanwhile comes too late for them. */
const WITHIN_MS = 250;

/** Chooses how many messages a room plans at once: as many as it takes within a moment. */
export interface Pace {
  readonly size: number;
  /** Notes how long it took to send messages that were planned together. `allSent`: each had a clear answer, and none was refused. */
  note(sent: { readonly count: number; readonly tookMs: number; readonly allSent: boolean }): void;
}

/**
 * Makes the pace of a room, which begins with one message at a time. `isSafe`: the platform makes no second message of a repeated key,
 * so that a crash in the middle of several messages does no harm; without that it stays at one.
 */
export function createPace(isSafe: boolean): Pace {
  let size = 1;
  return {
    get size() {
      return size;
    },
    note({ count, tookMs, allSent }) {
      if (!isSafe) return;
      if (!allSent) size = 1;
      else if (tookMs > 2 * WITHIN_MS) size = Math.max(1, Math.floor(size / 2));
      else if (tookMs <= WITHIN_MS && count >= size) size = Math.min(MOST, size * 2);
    },
  };
}
