import type { PlatformRules } from '../../config/platform.ts';
import { discordAddress } from './address.ts';
import { idsOf } from './ids.ts';
import { type DiscordSettings, discordSettings } from './settings.ts';

export const discord: PlatformRules<DiscordSettings> = {
  name: 'discord',
  title: 'Discord',
  settings: discordSettings,
  address: discordAddress,
  people: {
    user: idsOf('Discord user', 'the id of a Discord user in quotes'),
    role: idsOf('Discord role', 'its id in quotes: with Developer Mode on, right-click the role, Copy Role ID'),
    server: null,
    power: null,
    permission: 'it needs Manage Channels here',
    trusted: null,
  },
  mention: {
    forms: ['"discord:<user id>"', '"discord-role:<role id>"'],
    parse(text) {
      const [, role, id] = /^discord(-role)?:(\d{17,20})$/.exec(text) ?? [];
      return id === undefined ? null : { kind: role === undefined ? 'user' : 'role', id };
    },
  },
  messageId: (text) => messageLink.exec(text)?.[1] ?? null,
};

/** `https://discord.com/channels/<server>/<channel>/<message>` */
const messageLink = /^https:\/\/(?:\w+\.)?discord(?:app)?\.com\/channels\/(?:\d+|@me)\/\d+\/(\d+)/;
