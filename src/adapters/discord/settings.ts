import { type Context, textWarning } from '../../config/context.ts';
import type { SettingsRules } from '../../config/platform.ts';
import { readIds } from '../../config/read-ids.ts';
import { readSecret } from '../../config/read-secret.ts';
import { readServer } from '../../config/read-server.ts';
import { oneOrMore, text } from '../../config/shape-kinds.ts';
import { getText, getTexts, type Mapping } from '../../config/tree.ts';
import type { Secret } from '../../secrets/secret.ts';
import { idsOf } from './ids.ts';

/** `chats.discord`. */
export interface DiscordSettings {
  /** Without the version and a slash at its end: `https://discord.com/api` unless it is set. */
  readonly api: string;
  readonly token: Secret;
  /** Ids of the servers in which commands are registered; none: globally, in every one. */
  readonly guilds: readonly string[];
}

/** Discord's own API, without the version (https://docs.discord.com/developers/reference#http-api). */
const ownApi = 'https://discord.com/api';
/** Three parts: the bot's id in base64, a time, a signature (https://docs.discord.com/developers/reference#authentication). */
const botToken = /^[\w-]{18,}\.[\w-]{5,}\.[\w-]{20,}$/;
const server = idsOf(
  'Discord server',
  'its id in quotes: with Developer Mode on, right-click the server, Copy Server ID',
);

export const discordSettings: SettingsRules<DiscordSettings> = {
  keys: {
    token: text('The token of the bot that Lookout speaks as.').optional(),
    token_file: text('A file that holds the token, instead of token.').optional(),
    api: text(`Another server that speaks Discord's API, or a proxy. Default: ${ownApi}.`).optional(),
    guilds: oneOrMore(
      'Ids of the servers where commands are registered. Default: none, which is everywhere.',
    ).optional(),
  },
  description: null,
  example: `{ token: "\${DISCORD_TOKEN}" }`,
  read,
  summary: ({ api, guilds }) => ({ api, guilds }),
};

function read(context: Context, map: Mapping | null): DiscordSettings | null {
  if (map === null) return null;
  const token = readSecret(context, map, 'token');
  if (!map.entries.has('token') && !map.entries.has('token_file')) {
    context.report.error(map.offset, 'Discord needs a bot token', `add "token: \${DISCORD_TOKEN}" or "token_file:"`);
  }
  const written = getText(map, 'api');
  const api =
    written === null ? ownApi : readServer(context, written, { key: 'api', example: ownApi, path: 'allowed' });
  const tokenText = getText(map, 'token') ?? getText(map, 'token_file');
  if (token !== null && tokenText !== null && api === ownApi && !botToken.test(token.reveal()))
    textWarning(
      context,
      tokenText,
      0,
      'this does not look like the token of a bot, three parts with dots between them',
      "take the one that Discord's developer portal shows on the page Bot, under Reset Token",
    );
  const guilds = readIds(context, getTexts(map, 'guilds'), [server]);
  return api !== null && token !== null ? { api: api.replace(/\/v\d+$/, ''), token, guilds } : null;
}
