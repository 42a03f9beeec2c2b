import type { Log } from '../../log.ts';
import type { Clock } from '../../time/clock.ts';
import type { Forum } from './forum.ts';
import type { Standing } from './standing.ts';

/** The bot's permissions in its rooms, as they were last seen. */
export interface Rooms {
  /** Returns true if a room shows embeds, or if it was not checked yet. */
  embeds(room: string): boolean;
  /** Returns the forum that a room is; null if it is not one, or was not checked yet. */
  forum(room: string): Forum | null;
  /** Returns the room that a channel is part of: a post is part of its forum, unless it is a room itself. */
  roomOf(channel: string, parent: string | null): string;
  /** Returns true if a room without embeds was not checked for a while: they may have been allowed since. */
  isDue(room: string): boolean;
  /** Keeps what was seen, and says what a room lacks when that is news. */
  note(room: string, standing: Standing): void;
}

/** Time between checks of a room without embeds while messages go there, in milliseconds. */
const lookAgainMs = 10 * 60_000;

export function createRooms(log: Log, clock: Clock): Rooms {
  const known = new Map<string, Standing>();
  const lookedAt = new Map<string, number>();
  return {
    embeds: (room) => known.get(room)?.embeds ?? true,
    forum: (room) => known.get(room)?.forum ?? null,
    roomOf(channel, parent) {
      const isPost = parent !== null && !known.has(channel) && (known.get(parent)?.forum ?? null) !== null;
      return isPost ? parent : channel;
    },
    isDue(room) {
      const now = clock.monotonic();
      if (known.get(room)?.embeds !== false || now - (lookedAt.get(room) ?? now) < lookAgainMs) return false;
      lookedAt.set(room, now);
      return true;
    },
    note(room, standing) {
      const before = known.get(room);
      lookedAt.set(room, clock.monotonic());
      known.set(room, standing);
      // What stands in the way altogether is told by the outbox.
      if (standing.obstacle !== null) return;
      const fields = { platform: 'discord', room };
      const missing = standing.forum?.missing ?? [];
      if (missing.length > 0 && before === undefined)
        log.warn(
          fields,
          `the forum ${room} on Discord has no tag ${missing.map((tag) => JSON.stringify(tag)).join(', ')} that the bot may set: posts go without`,
        );
      if (!standing.embeds && before?.embeds !== false)
        log.warn(
          fields,
          `the bot lacks Embed Links in Discord room ${room}: plain text is shown there, without pictures`,
        );
      if (!standing.history && before?.history !== false)
        log.warn(
          fields,
          `the bot lacks Read Message History in Discord room ${room}: a message of which it is not clear whether it was sent cannot be looked for there`,
        );
      if (standing.embeds && before?.embeds === false)
        log.info(fields, `the bot may show embeds in Discord room ${room} now`);
    },
  };
}
