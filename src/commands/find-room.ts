import type { Database } from '../store/tables.ts';
import type { CommandRoom } from './command-room.ts';
import type { HeardInvocation } from './invocation.ts';

/** The place of a command, and the account that heard it. */
export type HeardPlace = Pick<HeardInvocation, 'platform' | 'account' | 'room' | 'direct'>;

/** The room that a command was said in: one of ours by its resolved or written address, else one that could become ours. */
export async function findRoom(
  db: Database,
  { platform, account, room, direct }: HeardPlace,
  timeZoneOf: (address: string) => string,
): Promise<Omit<CommandRoom, 'masksOffensive' | 'wallAheadMs'>> {
  const written = `${platform}:${room}`;
  const known = await db
    .selectFrom('rooms')
    .select(['id', 'name', 'address', 'account'])
    .where('platform', '=', platform)
    .where('configured', '=', 1)
    .where((e) => e.or([e('resolved', '=', room), e('address', '=', written)]))
    // Two addresses may lead to one room until they are resolved.
    .orderBy((e) => e.case().when('account', '=', account).then(0).else(1).end())
    .orderBy('id')
    .executeTakeFirst();
  const address = known?.address ?? written;
  return {
    id: known?.id ?? null,
    name: known?.name ?? written,
    address,
    resolved: room,
    platform,
    account: known?.account ?? account,
    timeZone: timeZoneOf(address),
    direct: direct && known === undefined,
  };
}
