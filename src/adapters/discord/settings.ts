import { type Context, textWarning } from '../../config/context.ts';
import { choice, readKeys, secret, text, texts } from '../../config/key.ts';
import type { SettingsRules } from '../../config/platform.ts';
import { readIds } from '../../config/read-ids.ts';
import { readSecret } from '../../config/read-secret.ts';
import { readServer } from '../../config/read-server.ts';
import { getText, type Mapping } from '../../config/tree.ts';
import type { Secret } from '../../secrets/secret.ts';
import type { ForumLook } from './forum.ts';
import { idsOf } from './ids.ts';
import type { CommandForm } from './slash-commands.ts';

/** `chats.discord`. */
export interface DiscordSettings {
  /** Without the version and a slash at its end: `https://discord.com/api` unless it is set. */
  readonly api: string;
  readonly token: Secret;
  /** Ids of the servers in which commands are registered; none: globally, in every one. */
  readonly guilds: readonly string[];
  /** Each command has its own name (`top`), or all are written behind one (`grouped`). */
  readonly form: CommandForm;
  readonly forum: ForumLook;
}

/** Three parts: the bot's id in base64, a time, a signature (https://docs.discord.com/developers/reference#authentication). */
export const botToken = /^[\w-]{18,}\.[\w-]{5,}\.[\w-]{20,}$/;
const server = idsOf(
  'Discord server',
  'its id in quotes: with Developer Mode on, right-click the server, Copy Server ID',
);

const keys = {
  ...secret('token', "the bot's token, from Discord's developer portal", { example: `\${DISCORD_TOKEN}` }),
  api: text({ says: "Discord's API, another server that speaks it, or a proxy", byDefault: 'https://discord.com/api' }),
  guilds: texts({ says: 'ids of the servers where commands are registered; none: everywhere', byDefault: [] }),
  commands: choice(['top', 'grouped'], {
    says: 'top: each command has its own name, /mute; grouped: all are under one, /lookout mute',
    byDefault: 'top',
  }),
  forum_title: text({
    says: 'the title of a post in a forum, at most 100 characters; {title} is that of its message',
    byDefault: '{title}',
  }),
  forum_tags: texts({
    says: "names of tags for a forum's posts, at most five; a forum uses those that it has",
    byDefault: [],
  }),
};
/** Discord's own API, without the version (https://docs.discord.com/developers/reference#http-api). */
export const ownApi = keys.api.byDefault;

export const discordSettings: SettingsRules<DiscordSettings> = {
  keys,
  says: 'the bot that Lookout speaks as on Discord',
  example: `{ token: "\${DISCORD_TOKEN}" }`,
  read,
  summary: ({ api, guilds, form, forum }) => ({
    api,
    guilds,
    commands: form,
    forum_title: forum.title,
    forum_tags: forum.tags,
  }),
};

function read(context: Context, map: Mapping | null): DiscordSettings | null {
  if (map === null) return null;
  const token = readSecret(context, map, 'token');
  if (!map.entries.has('token') && !map.entries.has('token_file')) {
    context.report.error(map.offset, 'Discord needs a bot token', `add "token: \${DISCORD_TOKEN}" or "token_file:"`);
  }
  const written = readKeys(context, map, keys);
  const { api: apiText, guilds, commands: form } = written;
  const title = written.forum_title?.value ?? keys.forum_title.byDefault;
  const forum = { title, tags: written.forum_tags.map(({ value }) => value) };
  const api =
    apiText === null ? ownApi : readServer(context, apiText, { key: 'api', example: ownApi, path: 'allowed' });
  const tokenText = getText(map, 'token') ?? getText(map, 'token_file');
  if (token !== null && tokenText !== null && api === ownApi && !botToken.test(token.reveal()))
    textWarning(
      context,
      tokenText,
      0,
      'this does not look like the token of a bot, three parts with dots between them',
      "take the one that Discord's developer portal shows on the page Bot, under Reset Token",
    );
  const servers = readIds(context, guilds, [server]);
  return api !== null && token !== null
    ? { api: api.replace(/\/v\d+$/, ''), token, guilds: servers, form, forum }
    : null;
}
