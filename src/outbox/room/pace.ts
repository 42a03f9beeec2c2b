/** So many messages are planned at once at most. */
const MOST = 32;
/** Messages that were planned together are sent within about so long, in milliseconds: a mute or a vote meanwhile comes too late for them. */
const WITHIN_MS = 250;

/** How many messages a room plans at once: as many as it takes within a moment. */
export interface Pace {
  readonly size: number;
  /** So many messages were planned together, and sending them took so long; `allSent`: none was refused, and none has no clear answer. */
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
