import type { Log } from '../../log.ts';
import type { Standing } from './standing.ts';

/** What was last seen of how the bot stands in its rooms. */
export interface Rooms {
  /** Whether a room shows embeds; true where it was not looked at yet. */
  embeds(room: string): boolean;
  /** Keeps what was seen, and says what a room lacks when that is news. */
  note(room: string, standing: Standing): void;
}

export function createRooms(log: Log): Rooms {
  const known = new Map<string, Standing>();
  return {
    embeds: (room) => known.get(room)?.embeds ?? true,
    note(room, standing) {
      const before = known.get(room);
      known.set(room, standing);
      // What stands in the way altogether is told by the outbox.
      if (standing.obstacle !== null) return;
      const fields = { platform: 'discord', room };
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
