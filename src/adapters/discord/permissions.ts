import { type JsonObject, listOf, objectOf, timeOf } from '../../text/json.ts';

/** The bits that Lookout asks about (https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags). */
export const permission = {
  administrator: 1n << 3n,
  manageChannels: 1n << 4n,
  addReactions: 1n << 6n,
  viewChannel: 1n << 10n,
  sendMessages: 1n << 11n,
  embedLinks: 1n << 14n,
  readMessageHistory: 1n << 16n,
  connect: 1n << 20n,
  manageThreads: 1n << 34n,
  createPublicThreads: 1n << 35n,
  sendMessagesInThreads: 1n << 38n,
} as const;

/** Every permission. */
export const allPermissions = (1n << 64n) - 1n;
/** The permissions that a member who is timed out keeps (https://discord.com/developers/docs/topics/permissions#permissions-for-timed-out-members). */
const keptInTimeout = permission.viewChannel | permission.readMessageHistory;

/** The data that the permissions of one member in one channel depend on, as Discord's API shows it. */
export interface Grounds {
  /** `GET /guilds/{id}` */
  readonly guild: JsonObject;
  /** `GET /guilds/{id}/members/{user}` */
  readonly member: JsonObject;
  readonly user: string;
  /** `permission_overwrites` of the channel; for a thread, of its parent. */
  readonly overwrites: readonly unknown[];
  /** Unix milliseconds. */
  readonly now: number;
}

/**
 * A member's permissions in a channel, by the algorithm that Discord documents: the roles' permissions, then the channel's
 * overwrites for everyone, for the roles together, for the member
 * (https://discord.com/developers/docs/topics/permissions#permission-overwrites).
 */
export function permissionsIn({ guild, member, user, overwrites, now }: Grounds): bigint {
  if (guild.owner_id === user) return allPermissions;
  const held = new Set<unknown>([guild.id, ...listOf(member.roles)]);
  let permissions = 0n;
  for (const role of listOf(guild.roles).map(objectOf)) {
    if (held.has(role.id)) permissions |= bits(role.permissions);
  }
  if ((permissions & permission.administrator) !== 0n) return allPermissions;

  const apply = (deny: bigint, allow: bigint) => {
    permissions = (permissions & ~deny) | allow;
  };
  let rolesDeny = 0n;
  let rolesAllow = 0n;
  const entries = overwrites.map(objectOf);
  for (const { id, allow, deny } of entries) {
    if (id === guild.id) apply(bits(deny), bits(allow));
    else if (held.has(id)) {
      rolesDeny |= bits(deny);
      rolesAllow |= bits(allow);
    }
  }
  apply(rolesDeny, rolesAllow);
  for (const { id, allow, deny } of entries) if (id === user) apply(bits(deny), bits(allow));

  return timedOutUntil(member) > now ? permissions & keptInTimeout : permissions;
}

/** When a member's time-out ends, Unix milliseconds; 0 where there is none. */
export function timedOutUntil(member: JsonObject): number {
  return timeOf(member.communication_disabled_until) ?? 0;
}

/** Discord writes bits as decimal text, since they outgrew what JSON's readers keep of a number. */
function bits(value: unknown): bigint {
  if (typeof value === 'string' && /^\d{1,30}$/.test(value)) return BigInt(value);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : 0n;
}
