import type { Channel, Channels, Guild } from './channels.ts';
import { timeOf } from './snowflake.ts';

/** A user as in every answer except GET /users/@me. */
export interface User {
  readonly id: string;
  readonly username: string;
}

const iso = (ms: number) => new Date(ms).toISOString().replace('Z', '000+00:00');

export function userShape(user: User, bot: boolean): Record<string, unknown> {
  return {
    id: user.id,
    username: user.username,
    avatar: null,
    discriminator: bot ? '4242' : '0',
    public_flags: 0,
    flags: 0,
    ...(bot ? { bot: true } : {}),
    banner: null,
    accent_color: null,
    global_name: null,
    avatar_decoration_data: null,
    collectibles: null,
    primary_guild: null,
  };
}

/** GET /users/@me */
export const ownShape = (user: User): Record<string, unknown> => ({
  ...userShape(user, true),
  mfa_enabled: true,
  locale: 'en-US',
  premium_type: 0,
  email: null,
  verified: true,
});

function roleShape(role: Guild['roles'][number], index: number): Record<string, unknown> {
  return {
    id: role.id,
    name: role.name,
    description: null,
    permissions: role.permissions,
    position: index,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    managed: index > 0,
    mentionable: false,
    icon: null,
    unicode_emoji: null,
    flags: 0,
  };
}

export const rolesShape = (guild: Guild): unknown[] => guild.roles.map(roleShape);

export function memberShape(guild: Guild, user: User): Record<string, unknown> {
  return {
    avatar: null,
    banner: null,
    communication_disabled_until: null,
    flags: 0,
    joined_at: iso(timeOf(guild.id)),
    nick: null,
    pending: false,
    premium_since: null,
    roles: guild.botRoles,
    user: userShape(user, true),
    mute: false,
    deaf: false,
  };
}

/** https://discord.com/developers/docs/resources/user#get-current-user-guilds */
export function ownGuilds(guilds: readonly Guild[], query: URLSearchParams): unknown[] {
  const after = BigInt(query.get('after') ?? '0');
  return guilds
    .filter(({ id }) => BigInt(id) > after)
    .sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1))
    .slice(0, Number(query.get('limit') ?? '200'))
    .map(({ id }) => ({
      id,
      name: 'Charcoal',
      icon: null,
      banner: null,
      owner: false,
      permissions: '0',
      features: [],
    }));
}

export function guildShape(guild: Guild): Record<string, unknown> {
  return {
    id: guild.id,
    name: 'Charcoal',
    icon: null,
    description: null,
    home_header: null,
    splash: null,
    discovery_splash: null,
    features: [],
    banner: null,
    owner_id: guild.owner,
    application_id: null,
    region: 'deprecated',
    afk_channel_id: null,
    afk_timeout: 300,
    system_channel_id: guild.system,
    system_channel_flags: 0,
    widget_enabled: false,
    widget_channel_id: null,
    verification_level: 0,
    roles: rolesShape(guild),
    default_message_notifications: 0,
    mfa_level: 0,
    explicit_content_filter: 0,
    max_presences: null,
    max_members: 500_000,
    max_stage_video_channel_users: 50,
    max_video_channel_users: 25,
    vanity_url_code: null,
    premium_tier: 0,
    premium_subscription_count: 0,
    preferred_locale: 'en-US',
    rules_channel_id: null,
    safety_alerts_channel_id: null,
    public_updates_channel_id: null,
    premium_progress_bar_enabled: false,
    nsfw: false,
    nsfw_level: 0,
    emojis: [],
    stickers: [],
    incidents_data: null,
  };
}

/** Returns a channel, a thread or a DM in the format of its kind. */
export function channelShape(channels: Channels, channel: Channel, owner: User): Record<string, unknown> {
  const flags = channel.requiresTag ? 1 << 4 : 0;
  const common = { id: channel.id, type: channels.typeOf(channel), flags, last_message_id: channel.lastMessage };
  if (channel.guild === null) return { ...common, recipients: [userShape({ id: '42', username: 'somebody' }, false)] };
  const named = { ...common, guild_id: channel.guild.id, name: channel.name, last_pin_timestamp: null };
  const slowmode = { rate_limit_per_user: channel.slowmodeSeconds };
  if (channel.parent !== null) {
    const thread_metadata = {
      archived: channel.archived,
      archive_timestamp: iso(timeOf(channel.id)),
      auto_archive_duration: 4320,
      locked: channel.locked,
      create_timestamp: iso(timeOf(channel.id)),
    };
    const counts = { message_count: 0, member_count: 1, total_message_sent: 0 };
    return {
      ...named,
      ...slowmode,
      ...counts,
      parent_id: channel.parent.id,
      owner_id: owner.id,
      thread_metadata,
      applied_tags: channel.applied,
    };
  }
  return {
    ...named,
    ...(channel.kind === 'category' ? {} : { ...slowmode, topic: null }),
    parent_id: null,
    position: 0,
    permission_overwrites: channel.overwrites,
    ...(channel.kind === 'forum' && {
      available_tags: channel.tags.map((tag) => ({ ...tag, emoji_id: null, emoji_name: null })),
    }),
    nsfw: false,
  };
}
