import { bitsOf, type Overwrite, type Permission, permissionsIn } from './permissions.ts';

export type ChannelKind = 'text' | 'announcement' | 'thread' | 'forum' | 'category' | 'dm' | 'voice';

export interface ChannelOptions {
  readonly kind?: ChannelKind;
  /** Permissions that the bot lacks here. */
  readonly without?: readonly Permission[];
  readonly archived?: boolean;
  readonly locked?: boolean;
  readonly slowmodeSeconds?: number;
  /** True for the channel in which the server says who came. */
  readonly isSystem?: boolean;
  /** The tags of a forum by name; `!` before one: only moderators may set it. */
  readonly tags?: readonly string[];
  /** A forum wants a tag on each post. */
  readonly requiresTag?: boolean;
}

export interface Tag {
  readonly id: string;
  readonly name: string;
  readonly moderated: boolean;
}

/** https://docs.discord.com/developers/resources/channel#channel-object-channel-types */
const types = { text: 0, dm: 1, voice: 2, category: 4, announcement: 5, thread: 11, forum: 15 } as const;

interface Role {
  readonly id: string;
  readonly name: string;
  permissions: string;
}

interface Guild {
  readonly id: string;
  readonly owner: string;
  readonly roles: Role[];
  readonly botRoles: string[];
  /** The channel in which Discord says who came; null: none. */
  system: string | null;
}

interface Channel {
  readonly id: string;
  readonly kind: ChannelKind;
  readonly name: string;
  readonly guild: Guild | null;
  readonly parent: Channel | null;
  overwrites: Overwrite[];
  archived: boolean;
  locked: boolean;
  readonly slowmodeSeconds: number;
  lastMessage: string | null;
  readonly tags: readonly Tag[];
  readonly requiresTag: boolean;
  /** Of a post in a forum: ids of its tags. */
  readonly applied: readonly string[];
}

export type { Channel, Guild };

/** Everything that Lookout needs; and mentions, so that an unintended one is visible. */
const granted: readonly Permission[] = [
  'ViewChannel',
  'SendMessages',
  'SendMessagesInThreads',
  'EmbedLinks',
  'ReadMessageHistory',
  'AddReactions',
  'CreatePublicThreads',
  'MentionEveryone',
];

/** Guilds, their channels, and the bot's permissions there. Every channel has its own guild, shared with its threads. */
export function createChannels(newId: () => string, bot: { readonly id: string }) {
  const channels = new Map<string, Channel>();
  const guilds = new Map<string, Guild>();

  /** Everyone may view and read; the bot's role may do the rest. So neither alone decides the bot's permissions. */
  function createGuild(): Guild {
    const id = newId();
    const botRole = newId();
    const everyone = granted.filter((name) => name === 'ViewChannel' || name === 'ReadMessageHistory');
    const roles = [
      { id, name: '@everyone', permissions: String(bitsOf(everyone)) },
      { id: botRole, name: 'Lookout', permissions: String(bitsOf(granted)) },
    ];
    const guild = { id, owner: newId(), roles, botRoles: [botRole], system: null };
    guilds.set(id, guild);
    return guild;
  }

  /** Returns the overwrites of a channel; a thread uses those of its parent. */
  const overwritesOf = (channel: Channel) => (channel.parent ?? channel).overwrites;

  function setPermissions(channel: Channel, without: readonly Permission[]): void {
    const { guild } = channel;
    if (guild === null) throw new Error('in a DM there are no permissions to take away');
    const speaking: readonly Permission[] = ['SendMessages', 'SendMessagesInThreads', 'EmbedLinks'];
    const [role = ''] = guild.botRoles;
    // As in a channel where only some may write, so that one layer alone does not decide.
    (channel.parent ?? channel).overwrites = [
      { id: guild.id, type: 0, allow: '0', deny: String(bitsOf(speaking)) },
      { id: role, type: 0, allow: String(bitsOf(speaking.filter((name) => !without.includes(name)))), deny: '0' },
      { id: bot.id, type: 1, allow: '0', deny: String(bitsOf(without.filter((name) => !speaking.includes(name)))) },
    ];
  }

  return {
    channels,
    guilds,
    get: (id: string): Channel => {
      const channel = channels.get(id);
      if (channel === undefined) throw new Error(`there is no channel ${id}`);
      return channel;
    },
    create(options: ChannelOptions = {}): Channel {
      const kind = options.kind ?? 'text';
      const guild = kind === 'dm' ? null : createGuild();
      const add = (which: ChannelKind, parent: Channel | null): Channel => {
        const channel: Channel = {
          id: newId(),
          kind: which,
          name: `the-${which}`,
          guild,
          parent,
          overwrites: [],
          archived: options.archived ?? false,
          locked: options.locked ?? false,
          slowmodeSeconds: options.slowmodeSeconds ?? 0,
          lastMessage: null,
          tags: (options.tags ?? []).map((name) => ({
            id: newId(),
            name: name.replace(/^!/, ''),
            moderated: name.startsWith('!'),
          })),
          requiresTag: options.requiresTag ?? false,
          applied: [],
        };
        channels.set(channel.id, channel);
        return channel;
      };
      const channel = add(kind, kind === 'thread' ? add('text', null) : null);
      if (guild !== null) setPermissions(channel, options.without ?? []);
      if (guild !== null && options.isSystem === true) guild.system = channel.id;
      return channel;
    },
    /** Opens a thread from a message, whose id it has. */
    openThread(parent: Channel, id: string, name: string, applied: readonly string[] = []): Channel {
      const own = { overwrites: [], lastMessage: null, tags: [], requiresTag: false, applied };
      const thread: Channel = { ...parent, id, kind: 'thread', name, parent, ...own };
      channels.set(id, thread);
      return thread;
    },
    setPermissions,
    /** Returns the bot's permissions; in a DM all. */
    may(channel: Channel): (name: Permission) => boolean {
      const { guild } = channel;
      if (guild === null) return () => true;
      return permissionsIn(guild, { id: bot.id, roles: guild.botRoles }, overwritesOf(channel));
    },
    typeOf: (channel: Channel): number => types[channel.kind],
  };
}

export type Channels = ReturnType<typeof createChannels>;
