import type { DiscordConfig } from './config.ts';
import { type Context, textWarning } from './context.ts';
import { readIds } from './read-ids.ts';
import { readSecret } from './read-secret.ts';
import { readServer } from './read-server.ts';
import { getText, getTexts, type Mapping } from './tree.ts';

/** Discord's own API, without the version (https://docs.discord.com/developers/reference#http-api). */
const ownApi = 'https://discord.com/api';
/** Three parts: the bot's id in base64, a time, a signature (https://docs.discord.com/developers/reference#authentication). */
const botToken = /^[\w-]{18,}\.[\w-]{5,}\.[\w-]{20,}$/;

/** `chats.discord`; null where it is not there or something in it is wrong, which is reported. */
export function readDiscord(context: Context, map: Mapping | null): DiscordConfig | null {
  if (map === null) return null;
  const token = readSecret(context, map, 'token');
  if (!map.entries.has('token') && !map.entries.has('token_file')) {
    context.report.error(map.offset, 'Discord needs a bot token', `add "token: \${DISCORD_TOKEN}" or "token_file:"`);
  }
  const text = getText(map, 'api');
  const api = text === null ? ownApi : readServer(context, text, { key: 'api', example: ownApi, path: 'allowed' });
  const written = getText(map, 'token') ?? getText(map, 'token_file');
  if (token !== null && written !== null && api === ownApi && !botToken.test(token.reveal()))
    textWarning(
      context,
      written,
      0,
      'this does not look like the token of a bot, three parts with dots between them',
      "take the one that Discord's developer portal shows on the page Bot, under Reset Token",
    );
  const guilds = readIds(context, getTexts(map, 'guilds'), 'guild');
  return api !== null && token !== null ? { api: api.replace(/\/v\d+$/, ''), token, guilds } : null;
}
