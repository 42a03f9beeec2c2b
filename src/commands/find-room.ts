import type { Database } from '../store/tables.ts';
import type { CommandRoom } from './command-room.ts';
import type { Invocation } from './invocation.ts';

/** The room that a command was said in: one of ours by its resolved or written address, else one that could become ours. */
export async function findRoom(
  db: Database,
  { platform, room, direct }: Pick<Invocation, 'platform' | 'room' | 'direct'>,
  timeZoneOf: (address: string) => string,
): Promise<Omit<CommandRoom, 'masksOffensive'>> {
  const written = `${platform}:${room}`;
  const known = await db
    .selectFrom('rooms')
    .select(['id', 'name', 'address'])
    .where('platform', '=', platform)
    .where('configured', '=', 1)
    .where((e) => e.or([e('resolved', '=', room), e('address', '=', written)]))
    .orderBy('id')
    .executeTakeFirst();
  const address = known?.address ?? written;
  return {
    id: known?.id ?? null,
    name: known?.name ?? written,
    address,
    resolved: room,
    platform,
    timeZone: timeZoneOf(address),
    direct: direct && known === undefined,
  };
}
