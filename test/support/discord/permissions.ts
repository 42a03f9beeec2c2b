/** https://docs.discord.com/developers/topics/permissions#permissions-bitwise-permission-flags */
const bits = {
  Administrator: 1n << 3n,
  AddReactions: 1n << 6n,
  ManageChannels: 1n << 4n,
  ViewChannel: 1n << 10n,
  SendMessages: 1n << 11n,
  ManageMessages: 1n << 13n,
  EmbedLinks: 1n << 14n,
  ReadMessageHistory: 1n << 16n,
  MentionEveryone: 1n << 17n,
  ManageThreads: 1n << 34n,
  CreatePublicThreads: 1n << 35n,
  SendMessagesInThreads: 1n << 38n,
} as const;
export type Permission = keyof typeof bits;

export const bitsOf = (permissions: readonly Permission[]): bigint =>
  permissions.reduce((sum, name) => sum | bits[name], 0n);

/** An allowance or denial in one channel for a role (0) or a member (1). */
export interface Overwrite {
  readonly id: string;
  readonly type: 0 | 1;
  readonly allow: string;
  readonly deny: string;
}

/**
 * Returns a member's permissions in a channel: roles, then the overwrites of @everyone (whose id is the guild's), of
 * the other roles together, of the member. https://docs.discord.com/developers/topics/permissions#permission-overwrites
 */
export function permissionsIn(
  guild: { readonly id: string; readonly roles: readonly { readonly id: string; readonly permissions: string }[] },
  member: { readonly id: string; readonly roles: readonly string[] },
  overwrites: readonly Overwrite[],
): (name: Permission) => boolean {
  const held = guild.roles.filter(({ id }) => id === guild.id || member.roles.includes(id));
  let sum = held.reduce((all, role) => all | BigInt(role.permissions), 0n);
  if (sum & bits.Administrator) return () => true;
  const apply = (those: readonly Overwrite[]) => {
    const union = (side: 'allow' | 'deny') => those.reduce((all, each) => all | BigInt(each[side]), 0n);
    sum = (sum & ~union('deny')) | union('allow');
  };
  apply(overwrites.filter(({ type, id }) => type === 0 && id === guild.id));
  apply(overwrites.filter(({ type, id }) => type === 0 && id !== guild.id && member.roles.includes(id)));
  apply(overwrites.filter(({ type, id }) => type === 1 && id === member.id));
  return (name) => (sum & bits[name]) !== 0n;
}
