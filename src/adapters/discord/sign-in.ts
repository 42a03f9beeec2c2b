import { silentLog } from '../../log.ts';
import { Secret } from '../../secrets/secret.ts';
import { textOf } from '../../text/json.ts';
import { type NewAccount, SetupError, type SetupParts } from '../setup.ts';
import { createDiscordAdapter } from './discord-adapter.ts';
import { botToken, ownApi } from './settings.ts';

/**
 * View Channels, Send Messages, Send Messages in Threads, Create Public Threads, Embed Links, Read Message History and Add
 * Reactions: https://docs.discord.com/developers/topics/permissions#permissions-bitwise-permission-flags
 */
const permissions = (1n << 10n) | (1n << 11n) | (1n << 38n) | (1n << 35n) | (1n << 14n) | (1n << 16n) | (1n << 6n);

/** Asks for the bot's token, and asks Discord whose it is. Says with which link the bot is invited. */
export async function logIn({ questions, given, network, clock, signal, say }: SetupParts): Promise<NewAccount> {
  const api = textOf(given.api) ?? ownApi;
  const isToken = (text: string) => api !== ownApi || botToken.test(text);
  const value = await questions.askSecret({
    text: "The bot's token (Discord's developer portal, your application, page Bot, Reset Token)",
    option: null,
    check: (text) => (isToken(text) ? null : 'this is not the token of a bot: three parts with dots between them'),
  });
  const token = new Secret(value, 'the token that you gave');
  const forum = { title: '{title}', tags: [] };
  const options = { guilds: [], form: 'top', forum, shownToAll: false } as const;
  const position = { load: async () => null, save: async () => {} };
  const adapter = createDiscordAdapter({ ...options, api, token, network, position, clock, log: silentLog });
  try {
    const login = await adapter.login(signal);
    if (login.outcome !== 'ready') throw new SetupError(`Discord does not take the token: ${login.reason}`);
    say(`Someone with Manage Server invites the bot with this link:\n\n  ${inviteLink(login.account.id)}\n`);
    const settings = api === ownApi ? {} : { api };
    return { name: `the bot ${login.account.id}`, settings, secrets: [{ key: 'token', value }] };
  } finally {
    await adapter.stop();
  }
}

/** A bot has the id of its application. */
function inviteLink(id: string): string {
  return `https://discord.com/oauth2/authorize?scope=bot+applications.commands&permissions=${permissions}&client_id=${id}`;
}
