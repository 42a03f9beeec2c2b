import type { Inline } from '../render/message.ts';
import { code, person } from '../render/say.ts';
import type { RoomSubscription } from '../rooms/live-subscriptions.ts';
import type { CommandRoom } from './command-room.ts';
import { moment } from './mute-text.ts';

/**
 * Names a subscription by its origin: `reports (line 12 of the configuration)`, `a subscription (line 12 of the configuration)`, or who made it by a
 * command, and when. `found`: undefined if it is gone.
 */
export function originText(
  id: string,
  found: Pick<RoomSubscription, 'stored' | 'inFile'> | undefined,
  room: CommandRoom,
): readonly (string | Inline)[] {
  if (found === undefined) return ['a subscription that is gone (', code(id), ')'];
  const { inFile, stored } = found;
  if (inFile !== null) {
    const name: string | Inline = inFile.isNamed
      ? { kind: 'em', children: [{ kind: 'text', text: id }] }
      : 'a subscription';
    return [name, ` (line ${inFile.line} of the configuration)`];
  }
  if (stored === null) return ['a subscription (', code(id), ')'];
  const at = moment(stored.createdAt, room, 'moment');
  return ['a subscription that ', person(stored.author), ' made by command on ', at];
}
