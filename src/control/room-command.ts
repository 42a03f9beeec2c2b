import type { Commands } from '../commands/commands.ts';
import type { StoredRoom } from '../outbox/rows/rooms.ts';
import { writtenAddress } from '../outbox/rows/rooms.ts';
import { findNamedRoom } from '../rooms/named-room.ts';
import type { Json } from '../words.ts';
import { done, type Route, refused } from './route.ts';

export interface RoomCommandParts {
  readonly commands: Pick<Commands, 'run'>;
  /** Returns the rooms in effect. */
  readonly rooms: () => readonly StoredRoom[];
}

/** The answer to a command that was typed in a shell. `message` is a `Message`. */
export interface ShellAnswer {
  readonly isRefused: boolean;
  readonly message: Json;
}

/**
 * `POST /command` with `{ room, line, by }` runs a line as if it was written in the room; `by` is the user of the shell,
 * who can change the configuration, too. Answers with a `ShellAnswer`.
 */
export function roomCommandRoute({ commands, rooms }: RoomCommandParts): Route {
  return {
    method: 'POST',
    path: '/command',
    async handle({ body }) {
      const { room: word, line, by } = body as { readonly room: string; readonly line: string; readonly by: string };
      const found = findNamedRoom(word, rooms());
      if (found.outcome === 'unknown') return refused(found.error);
      const { room } = found;
      const answer = await commands.run({
        ...{
          key: null,
          platform: room.platform,
          account: room.account,
          room: writtenAddress(room),
          direct: false,
          answered: 'free',
        },
        asker: { id: `shell:${by}`, roles: [], manages: true, power: null },
        said: { kind: 'line', text: line },
        about: null,
        isOperator: true,
      });
      if (answer === null) return refused('the running Lookout takes no commands now; try again in a minute');
      const { isRefused = false, message } = answer;
      return done({ isRefused, message: message as unknown as Json });
    },
  };
}
