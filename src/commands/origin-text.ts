import type { Inline } from '../render/message.ts';
import { code, person } from '../render/say.ts';
import type { RoomSubscription } from '../rooms/live-subscriptions.ts';
import type { CommandRoom } from './command-room.ts';
import { moment } from './mute-text.ts';

/**
 * Names a subscription by its origin: `reports (config.yaml:12)`, `a subscription (config.yaml:12)`, or who made it by a
 * command, and when. `file`: the name of the configuration file. `found`: undefined if it is gone.
 */
export function originText(
  id: string,
  found: Pick<RoomSubscription, 'stored' | 'inFile'> | undefined,
  { file, room }: { readonly file: string; readonly room: CommandRoom },
): readonly (string | Inline)[] {
  if (found === undefined) return ['a subscription that is gone (', code(id), ')'];
  const { inFile, stored } = found;
  if (inFile !== null) {
    const name: string | Inline = inFile.isNamed
      ? { kind: 'em', children: [{ kind: 'text', text: id }] }
      : 'a subscription';
    return [name, ` (${file}:${inFile.line})`];
  }
  if (stored === null) return ['a subscription (', code(id), ')'];
  const at = moment(stored.createdAt, room.timeZone, 'moment');
  return ['a subscription that ', person(stored.author), ' made by command on ', at];
}
