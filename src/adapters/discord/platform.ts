import type { Platform } from '../platform.ts';
import { discordAddress } from './address.ts';
import { idsOf } from './ids.ts';
import { type DiscordSettings, discordSettings } from './settings.ts';
import { discordSetup } from './setup.ts';

/** Counts the requests that Discord refuses in a way that counts against us. */
const invalidRequests = {
  name: 'invalid_requests_total',
  help: 'Answers of 401, 403 and 429: Discord bans an address at 10,000 in 10 minutes.',
};

export const discord: Platform<DiscordSettings> = {
  name: 'discord',
  title: 'Discord',
  settings: discordSettings,
  address: discordAddress,
  people: {
    user: idsOf('Discord user', 'the id of a Discord user in quotes'),
    role: idsOf('Discord role', 'its id in quotes: with Developer Mode on, right-click the role, Copy Role ID'),
    server: null,
    power: null,
    permission: 'Manage Channels here',
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
  // A link has the id of the server, too.
  messageLink: () => null,
  answersAlone: true,
  showsByPermission: true,
  counters: [invalidRequests],
  brokenForGood: null,
  setup: discordSetup,
  tools: [],
  async inspect(settings, request) {
    const { inspectDiscord } = await import('./inspect.ts');
    return inspectDiscord(settings, request);
  },
  async createAdapter(settings, { clock, log, network, namesChangers, count, ...parts }) {
    const { createDiscordAdapter } = await import('./discord-adapter.ts');
    const onInvalidRequest = () => count(invalidRequests.name);
    // Discord does not know the people whom only the configuration names, and would hide the commands from them.
    const shownToAll = namesChangers;
    const { position, turns, otherShards } = parts;
    const kept = { position, turns, otherShards };
    return createDiscordAdapter({ ...settings, ...kept, shownToAll, clock, log, network, onInvalidRequest });
  },
  async openShard(settings, parts) {
    const { openDiscordShard } = await import('./open-discord-shard.ts');
    return openDiscordShard(settings, { ...parts, onInvalidRequest: () => parts.count(invalidRequests.name) });
  },
  async sketch(message, options) {
    const { sketchOnDiscord } = await import('./sketch.ts');
    return sketchOnDiscord(message, options);
  },
};

/** `https://discord.com/channels/<server>/<channel>/<message>` */
const messageLink = /^https:\/\/(?:\w+\.)?discord(?:app)?\.com\/channels\/(?:\d+|@me)\/\d+\/(\d+)/;
